// Getting in: closed without a session, opened by a link once, closed again for whoever has the link second.

import { accessible, complaints, enter } from '../browser.mjs';
import { expect } from '../checks.mjs';

export async function doors({ checks, demo, open, screenshots }) {
  const stranger = await open();
  stranger.context.home = demo.origin;
  await checks.that('without a session every page is closed and says how to get in', async () => {
    for (const path of ['/', '/payments', '/ledger', '/log', '/console/events']) {
      const answer = await stranger.page.goto(demo.origin + path);
      expect(answer.status() === 401, `${path} answered ${answer.status()}`);
      const text = await stranger.page.textContent('body');
      expect(text.includes('countersign console-link'), `${path} does not say how to get a link`);
    }
    await accessible(stranger);
    await stranger.page.screenshot({ path: `${screenshots}/door-closed.png` });
    complaints(stranger, ['401']);
  });
  await checks.that('looking at the link does not use it up, pressing the button does', async () => {
    await stranger.page.goto(demo.link);
    await stranger.page.reload();
    await accessible(stranger);
    await stranger.page.screenshot({ path: `${screenshots}/door-offer.png` });
    await enter(stranger, demo.link);
    expect((await stranger.page.textContent('h1')).trim() === 'Home', 'not on the home page');
    complaints(stranger);
  });
  await checks.that('the session is in a cookie that no script and no other host can read', async () => {
    const [cookie] = await stranger.context.cookies();
    expect(cookie.name === '__Host-countersign' && cookie.secure && cookie.httpOnly, JSON.stringify(cookie));
    expect(cookie.sameSite === 'Lax' && cookie.path === '/', JSON.stringify(cookie));
    expect((await stranger.page.evaluate(() => document.cookie)) === '', 'a script can read a cookie');
  });
  await checks.that('a used link says so', async () => {
    const second = await open();
    await second.page.goto(demo.link);
    await second.page.getByRole('button', { name: 'Open the console' }).click();
    expect((await second.page.textContent('h1')).includes('does not work any more'), 'the link worked twice');
    expect((await second.context.cookies()).length === 0, 'it left a cookie');
    await accessible(second);
    await second.context.close();
  });
  await stranger.context.close();
}
