// Every page in light and dark, wide and narrow: no complaint of the browser, none of axe, nothing wider than the window.

import { mkdirSync } from 'node:fs';
import { PHONE, WIDE, accessible, complaints, enter, fits } from '../browser.mjs';
import { expect } from '../checks.mjs';

const SECTIONS = ['/', '/payments', '/batches', '/ledger', '/statements', '/exceptions', '/exceptions?show=all', '/log', '/accounts', '/backups'];

export async function pages({ checks, demo, open, screenshots, readme }) {
  const wide = await open();
  await enter(wide, await demo.anotherLink());
  const all = await addresses(wide, demo.origin);
  const looks = [
    { name: 'wide', tab: wide },
    { name: 'dark', tab: await open({ colorScheme: 'dark' }) },
    { name: 'phone', tab: await open({ viewport: PHONE }) },
  ];
  for (const { tab } of looks.slice(1)) await enter(tab, await demo.anotherLink());
  // Each look is a browser of its own, so they go through the pages side by side.
  await Promise.all(looks.map(async ({ name, tab }) => {
    for (const [title, address] of all) {
      await checks.that(`${title}, ${name}: clean, accessible, fits`, async () => {
        const answer = await tab.page.goto(demo.origin + address);
        expect(answer.status() === 200, `answered ${answer.status()}`);
        expect(answer.headers()['content-security-policy']?.startsWith("default-src 'none'"), 'no content policy');
        await tab.page.getByText('Live', { exact: true }).waitFor();
        await tab.page.screenshot({ path: `${screenshots}/${name}-${title.replaceAll(' ', '-')}.png`, fullPage: true });
        await fits(tab);
        await accessible(tab);
        complaints(tab);
      });
    }
  }));
  if (readme) {
    mkdirSync(readme, { recursive: true });
    await wide.page.setViewportSize({ width: 1360, height: 1080 });
    await wide.page.goto(demo.origin);
    await wide.page.getByText('Live', { exact: true }).waitFor();
    await wide.page.screenshot({ path: `${readme}/console-home.png` });
    await wide.page.setViewportSize(WIDE);
  }
  for (const { tab } of looks) await tab.context.close();
}

/** The sections, and one page about each kind of thing; of payments one in each state. */
async function addresses(tab, origin) {
  const found = new Map(SECTIONS.map((path) => [path === '/' ? 'home' : path.slice(1).replace('?show=', ' '), path]));
  const one = async (title, list, link, which = 'first') => {
    await tab.page.goto(origin + list);
    // The list comes with the page, so there is nothing to wait for where it is empty.
    const links = tab.page.locator(link);
    if ((await links.count()) > 0) found.set(title, (await links[which]().getAttribute('href')).split('#')[0]);
  };
  await tab.page.goto(`${origin}/payments`);
  const states = await tab.page.locator('select[name=state] option').evaluateAll((all) => all.map((one) => one.value));
  for (const state of states.filter(Boolean)) {
    await one(`payment ${state}`, `/payments?state=${state}`, '#payments-live a[href^="/payments/pay_"]');
  }
  await one('batch', '/batches', '#batches-live a[href^="/batches/bat_"]');
  await one('statement newest', '/statements', '#statements-live a[href^="/statements/stmt_"]');
  await one('statement oldest', '/statements', '#statements-live a[href^="/statements/stmt_"]', 'last');
  found.set('payments filtered', '/payments?state=settled&currency=EUR');
  found.set('payments none', '/payments?from=2099-01-01');
  found.set('ledger of a day', '/ledger?on=2020-01-01');
  return [...found];
}
