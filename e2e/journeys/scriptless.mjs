// The same console with scripts switched off: every section, a filter, a payment, and the way out.

import { PHONE, enter } from '../browser.mjs';
import { expect } from '../checks.mjs';

export async function scriptless({ checks, demo, open, screenshots }) {
  const tab = await open({ javaScriptEnabled: false, viewport: PHONE });
  const { page } = tab;
  await checks.that('without scripts the console opens, lists, filters and tells', async () => {
    await enter(tab, await demo.anotherLink());
    for (const name of ['Payments', 'Batches', 'Ledger', 'Statements', 'Exceptions', 'Log', 'Accounts']) {
      await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name }).click();
      expect((await page.locator('h1').innerText()) === name, `the link to ${name} leads elsewhere`);
    }
    await page.goto(`${demo.origin}/payments`);
    await page.locator('#filters > summary').click();
    await page.getByLabel('State').selectOption('settled');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**/payments?state=settled*');
    await page.locator('#payments-live a[href^="/payments/pay_"]').first().click();
    expect((await page.locator('.timeline li').count()) > 3, 'no timeline');
    await page.locator('.raw > summary').first().click();
    expect(await page.locator('.raw pre').first().isVisible(), 'the record does not unfold');
    await page.screenshot({ path: `${screenshots}/scriptless-payment.png`, fullPage: true });
  });
  await checks.that('without scripts nothing claims to be live', async () => {
    expect(!(await page.locator('.live-mark').isVisible()), 'it says that it is live');
  });
  await checks.that('without scripts one can sign out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/console/signed-out');
    expect((await page.goto(demo.origin)).status() === 401, 'still in');
  });
  await tab.context.close();
}
