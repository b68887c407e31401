// What people do on the pages: by keyboard, with filters, along links, down to the receipt that verifies offline.

import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { complaints, enter } from '../browser.mjs';
import { expect } from '../checks.mjs';

export async function reading({ checks, demo, open, screenshots }) {
  const tab = await open();
  const { page } = tab;
  await enter(tab, await demo.anotherLink());

  await checks.that('the first press of Tab offers to skip to the content', async () => {
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.querySelector('.skip').getBoundingClientRect().top >= 0);
    await page.screenshot({ path: `${screenshots}/skip-link.png` });
    await page.keyboard.press('Enter');
    expect((await page.evaluate(() => document.activeElement.id)) === 'main', 'the content has not the focus');
  });
  await checks.that('the picture of the journey leads to the payments of a step', async () => {
    await page.goto(demo.origin);
    await page.locator('.journey .long a[aria-label^="Settle"]').click();
    await page.waitForURL('**/payments?state=settled');
    expect((await page.locator('select[name=state]').inputValue()) === 'settled', 'the filter does not say so');
  });
  await checks.that('filters stand in the address and a wrong one is explained', async () => {
    await page.goto(`${demo.origin}/payments`);
    await page.locator('#filters > summary').click();
    await page.getByLabel('Smallest amount').fill('1,50');
    await page.getByRole('button', { name: 'Show' }).click();
    const told = await page.locator('.wrong').innerText();
    expect(told.includes('urrency'), `said: ${told}`);
    await page.getByLabel('Currency').selectOption('EUR');
    await page.getByLabel('Smallest amount').fill('10');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(page.url().includes('currency=EUR') && page.url().includes('min=10'), page.url());
    expect((await page.locator('.wrong').count()) === 0, 'still wrong');
    complaints(tab, ['422']);
  });
  await checks.that('a receipt can be downloaded and holds offline', async () => {
    await page.goto(`${demo.origin}/payments?state=settled`);
    await page.locator('#payments-live a[href^="/payments/pay_"]').first().click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download receipt' }).click(),
    ]);
    const name = download.suggestedFilename();
    expect(/^pay_[0-9a-z]{13}\.tlog-proof$/.test(name), name);
    const file = path.join(demo.data, name);
    copyFileSync(await download.path(), file);
    const key = path.join(demo.data, 'from-the-page.vkey');
    await page.goto(`${demo.origin}/log`);
    writeFileSync(key, await page.locator('section[aria-labelledby=verify] .id').innerText());
    const told = await demo.command('verify', file, '--key', key);
    expect(told.startsWith('true'), told);
  });
  await checks.that('every link of the console leads somewhere', async () => {
    const seen = new Set();
    const open = ['/'];
    while (open.length > 0 && seen.size < 150) {
      const address = open.shift();
      if (seen.has(address)) continue;
      seen.add(address);
      const answer = await page.request.get(demo.origin + address);
      expect(answer.ok(), `${address} answered ${answer.status()}`);
      if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue;
      for (const [, link] of (await answer.text()).matchAll(/<a [^>]*href="(\/[^"#]*)/g)) open.push(link.replaceAll('&amp;', '&'));
    }
    expect(seen.size > 20, `only ${seen.size} pages`);
  });
  await checks.that('on paper there is only the page itself', async () => {
    await page.goto(demo.origin);
    await page.emulateMedia({ media: 'print' });
    expect(!(await page.locator('.side').isVisible()), 'the sidebar is printed');
    await page.screenshot({ path: `${screenshots}/print-home.png`, fullPage: true });
    await page.emulateMedia({ media: 'screen' });
  });
  await checks.that('style and script are kept by the browser under an address of their own', async () => {
    const link = await page.locator('link[rel=stylesheet]').getAttribute('href');
    const answer = await page.request.get(demo.origin + link);
    const headers = answer.headers();
    expect(headers['cache-control'].includes('immutable') && /^"[0-9a-f]+"$/.test(headers.etag), JSON.stringify(headers));
    const again = await page.request.get(demo.origin + link, { headers: { 'if-none-match': headers.etag } });
    expect(again.status() === 304, `answered ${again.status()}`);
  });
  await tab.context.close();
}
