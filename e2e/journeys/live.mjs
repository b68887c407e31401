// A page that is open hears of what happens and shows it, without being loaded again and without losing what was unfolded.

import { complaints, enter } from '../browser.mjs';
import { expect } from '../checks.mjs';

export async function live({ checks, demo, open }) {
  const tab = await open();
  await enter(tab, await demo.anotherLink());
  await tab.page.getByText('Live', { exact: true }).waitFor();
  await checks.that('a counter changes by itself after an event', async () => {
    await tab.page.waitForTimeout(2_500);
    const size = () => tab.page.locator('section[aria-labelledby=log] .big').innerText();
    const before = await size();
    await tab.page.locator('#journey-table > summary').click();
    await tab.page.evaluate(() => { window.loadedOnce = true; });
    await demo.advanceClock('1s');
    await tab.page.waitForFunction(
      (old) => document.querySelector('section[aria-labelledby=log] .big').innerText !== old,
      before,
    );
    expect(Number.parseInt(await size(), 10) > Number.parseInt(before, 10), `${before} became ${await size()}`);
    expect(await tab.page.evaluate(() => window.loadedOnce === true), 'the page was loaded again');
    expect(await tab.page.locator('#journey-table').evaluate((one) => one.open), 'what was unfolded is folded again');
    complaints(tab);
  });
  await tab.context.close();
}
