// Chromium as Debian ships it, and pages that remember everything that went wrong on them.

import { chromium } from 'playwright-core';
import axe from 'axe-core';
import { expect } from './checks.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long anything may take that a page waits for: generous, because a busy machine is no defect of the page. */
const PATIENCE_MS = 60_000;

export const WIDE = { width: 1360, height: 900 };
export const PHONE = { width: 360, height: 740 };

export function launch({ headed }) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: !headed, args: FLAGS });
}

/** A browser of its own (cookies, settings) with one tab. */
export async function open(browser, checks, { viewport = WIDE, colorScheme = 'light', javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    javaScriptEnabled,
    ignoreHTTPSErrors: true,
    deviceScaleFactor: viewport === PHONE ? 2 : 1,
    timezoneId: 'Asia/Shanghai',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    // What a page was still fetching is cut off when the page is left.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') wrong.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && context.home && origin !== context.home) wrong.push(`asks another server: ${request.url()}`);
  });
  if (javaScriptEnabled) {
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
      });
    });
  }
  return { context, page, wrong, checks };
}

/** Goes through the one-time link. */
export async function enter(tab, link) {
  tab.context.home = new URL(link).origin;
  await tab.page.goto(link);
  await tab.page.getByRole('button', { name: 'Open the console' }).click();
  await tab.page.waitForURL(`${tab.context.home}/`);
}

/** What the page said was wrong since it was last asked, without what is expected. */
export function complaints(tab, expected = []) {
  const found = tab.wrong.splice(0).filter((text) => !expected.some((part) => text.includes(part)));
  expect(found.length === 0, found.join('\n'));
}

/** No violation of any rule of axe. */
export async function accessible(tab) {
  // Only violations are worked out in full; selectors of what is good would be most of the work, and nobody reads them.
  await tab.page.evaluate(axe.source);
  const { violations } = await tab.page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join('\n  ')}`);
  expect(violations.length === 0, told.join('\n'));
}

/** The page is not wider than the window. */
export async function fits(tab) {
  const wide = await tab.page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return null;
    const widest = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > room + 1);
    return `${document.documentElement.scrollWidth} of ${room}: ${widest.slice(0, 4).map((one) => one.outerHTML.slice(0, 90)).join(' | ')}`;
  });
  expect(wide === null, wide);
}
