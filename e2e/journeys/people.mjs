// People: from the setup link to the first approval, with a second person, in one browser each. Codes are made here from the key that the
// page shows, one time step apart, so that nothing has to wait for a clock.

import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { PHONE, WIDE, accessible, complaints, fits } from '../browser.mjs';
import { expect } from '../checks.mjs';

const PASSWORD = 'nine green pears at dawn';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of an authenticator app, so many steps from now. */
function code(key, ahead) {
  const bits = [...key.replaceAll(' ', '')].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const tag = createHmac('sha1', secret).update(step).digest();
  const at = tag[19] & 15;
  return String((tag.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export async function people({ checks, demo, open, screenshots }) {
  const tab = await open();
  tab.context.home = demo.origin;
  const { page } = tab;
  /** The page as it is now: clean in light and dark, on a desk and on a telephone. */
  const look = async (name) => {
    await accessible(tab);
    await fits(tab);
    await page.screenshot({ path: `${screenshots}/people-wide-${name}.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(tab);
    await page.screenshot({ path: `${screenshots}/people-dark-${name}.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(PHONE);
    await fits(tab);
    await page.screenshot({ path: `${screenshots}/people-phone-${name}.png`, fullPage: true });
    await page.setViewportSize(WIDE);
  };
  let key;
  let used;
  await checks.that('the setup link makes the first administrator', async () => {
    const link = (await demo.command('setup-link', '--data', demo.data, '--url', demo.origin)).trim().split('\n')[0];
    await page.goto(link);
    await look('setup');
    await page.getByLabel('Your name').fill('Grace Hopper');
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same password again').fill('something else entirely');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('alert').waitFor();
    expect((await page.getByLabel('Your name').inputValue()) === 'Grace Hopper', 'the name has to be typed again');
    complaints(tab, ['422']);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same password again').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/enrol');
    complaints(tab);
  });
  await checks.that('without the second factor nothing opens', async () => {
    await page.goto(`${demo.origin}/payments`);
    expect(new URL(page.url()).pathname === '/enrol', `shows ${page.url()}`);
  });
  await checks.that('an authenticator app is connected, and recovery codes are shown once', async () => {
    key = await page.locator('#key').textContent();
    await look('enrol');
    used = code(key, -1);
    await page.getByLabel('Code that the app shows').fill(used);
    await page.getByRole('button', { name: 'Connect the app' }).click();
    await page.getByText('Keep your recovery codes').waitFor();
    expect((await page.locator('.codes li').count()) === 10, 'not ten codes');
    await look('codes');
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.waitForURL('**/me');
    await look('profile');
    complaints(tab);
  });
  await checks.that('signing in takes password and code', async () => {
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.waitForURL('**/console/signed-out');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await look('sign-in');
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByLabel('Password').fill(`${PASSWORD}!`);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('alert').waitFor();
    complaints(tab, ['401']);
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/sign-in/factor');
    await look('factor');
    await page.getByLabel('Code of your authenticator app').fill(used);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect((await page.getByRole('alert').textContent()).includes('used before'), 'a code counted twice');
    complaints(tab, ['403']);
    await page.getByLabel('Code of your authenticator app').fill(code(key, 0));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${demo.origin}/`);
    complaints(tab);
  });
  await checks.that('a payment waits for her, and one code approves exactly that', async () => {
    await page.goto(`${demo.origin}/approvals`);
    await look('nothing-waits');
    await submit(demo, 'E2E-1');
    await submit(demo, 'E2E-2');
    await page.goto(`${demo.origin}/approvals`);
    expect((await page.locator('.choices input[type=checkbox]').count()) === 2, 'not two payments');
    await look('approvals');
    const ticks = page.locator('.choices input[type=checkbox]');
    expect(!(await ticks.first().isChecked()) && !(await ticks.last().isChecked()), 'a payment is ticked beforehand');
    await ticks.last().check();
    await page.getByLabel('Words for the record').fill('looked at the invoice');
    await page.getByLabel('Code of your authenticator app').fill('000000');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alert').waitFor();
    expect(!(await ticks.first().isChecked()), 'what was not ticked is ticked after a mistake');
    expect(await ticks.last().isChecked(), 'what was ticked has to be ticked again');
    expect((await page.getByLabel('Words for the record').inputValue()) === 'looked at the invoice', 'the note is gone');
    complaints(tab, ['403']);
    await page.getByLabel('Code of your authenticator app').fill(code(key, 1));
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL('**/approvals?approved=1');
    expect((await page.locator('.choices input[type=checkbox]').count()) === 1, 'the unticked one is gone as well');
    await look('approved');
    complaints(tab);
  });
  await checks.that('somebody else is invited, and sees what their role permits', async () => {
    await page.goto(`${demo.origin}/members`);
    await look('members');
    await page.getByLabel('Name').fill('Hugo Approver');
    await page.getByLabel('E-mail address').fill('hugo@example.com');
    await page.getByLabel('approver', { exact: false }).first().check();
    await page.getByRole('button', { name: 'Invite' }).click();
    const link = await page.locator('#link').textContent();
    await look('invitation');
    const second = await open({ viewport: PHONE, colorScheme: 'dark', javaScriptEnabled: false });
    second.context.home = demo.origin;
    await second.page.goto(link.trim());
    await second.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await second.page.getByLabel('The same password again').fill(PASSWORD);
    await second.page.getByRole('button', { name: 'Go on' }).click();
    await second.page.waitForURL('**/enrol');
    const theirs = await second.page.locator('#key').textContent();
    await second.page.getByLabel('Code that the app shows').fill(code(theirs, 0));
    await second.page.getByRole('button', { name: 'Connect the app' }).click();
    await second.page.getByRole('link', { name: 'I have kept them' }).click();
    const links = await second.page.locator('nav a').allTextContents();
    expect(links.includes('Waiting for you') && !links.includes('Members'), links.join(', '));
    expect((await second.page.goto(`${demo.origin}/members`)).status() === 403, 'an approver sees the members');
    expect((await second.page.goto(`${demo.origin}/approvals`)).status() === 200, 'an approver has no inbox');
    await second.page.screenshot({ path: `${screenshots}/people-phone-approver.png`, fullPage: true });
    await second.context.close();
    complaints(tab);
  });
  await checks.that('access and one member are shown', async () => {
    await page.goto(`${demo.origin}/access`);
    await look('access');
    await page.goto(`${demo.origin}/members`);
    await page.getByRole('link', { name: 'Hugo Approver' }).click();
    await look('member');
    complaints(tab);
  });
  await tab.context.close();
}

/** Lets the demo's application submit one more payment. */
async function submit(demo, reference) {
  const people = path.join(demo.data, 'people');
  const key = path.join(people, readdirSync(people).find((name) => name.startsWith('erp')));
  const ask = (...words) =>
    demo.command('api', ...words, '--key', key, '--ca', path.join(demo.data, 'keys/tls.crt'), '--url', demo.origin);
  const listed = JSON.parse(await ask('GET', '/v1/payments?limit=50'));
  const small = (one) => one.transfer.amount.currency === 'EUR' && one.transfer.amount.amount < 5_000_000;
  const { transfer } = listed.data.find(small);
  const { now } = JSON.parse(await ask('GET', '/v1/whoami'));
  const day = new Date(Date.parse(now) + 3 * 86_400_000).toISOString().slice(0, 10);
  const { uetr, ...like } = transfer;
  const body = { ...like, end_to_end_id: reference, execution_on: day, remittance: { text: `Invoice ${reference}` } };
  await ask('POST', '/v1/payments', '--data', JSON.stringify(body));
}
