// Leaving: signing out ends the session on the server, and nobody else's form can do it.

import { enter } from '../browser.mjs';
import { expect } from '../checks.mjs';

export async function leaving({ checks, demo, open }) {
  const tab = await open();
  const { page } = tab;
  await enter(tab, await demo.anotherLink());
  await checks.that('a form without our token, or from elsewhere, changes nothing', async () => {
    const send = (headers, token) =>
      page.request.post(`${demo.origin}/console/sign-out`, { headers, form: { token }, maxRedirects: 0 });
    const own = await page.locator('input[name=token]').first().inputValue();
    expect((await send({ origin: 'https://evil.example' }, own)).status() === 403, 'another origin');
    expect((await send({ origin: demo.origin, 'sec-fetch-site': 'cross-site' }, own)).status() === 403, 'another site');
    expect((await send({ origin: demo.origin }, '00'.repeat(32))).status() === 403, 'another token');
    expect((await page.goto(demo.origin)).status() === 200, 'signed out all the same');
  });
  await checks.that('signing out ends the session for good', async () => {
    const cookies = await tab.context.cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/console/signed-out');
    expect((await tab.context.cookies()).length === 0, 'the cookie is still there');
    await tab.context.addCookies(cookies.map((cookie) => ({ ...cookie, url: undefined })));
    expect((await page.goto(demo.origin)).status() === 401, 'the old cookie still opens');
  });
  await tab.context.close();
}
