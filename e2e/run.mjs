// Browser journeys through the console: starts the built binary, drives a real Chromium through every page, and checks what a
// person would notice. Usage: node run.mjs [--readme] [--headed] [FILE]
//
//   --readme   also writes docs/images/console-home.png
//   FILE       a payment file for the demo instead of its sample
//   COUNTERSIGN_BIN, CHROMIUM   other places of the binary (target/debug/countersign) and the browser (/usr/bin/chromium)

import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { Demo } from './demo.mjs';
import { launch, open } from './browser.mjs';
import { Checks } from './checks.mjs';
import { doors } from './journeys/doors.mjs';
import { pages } from './journeys/pages.mjs';
import { live } from './journeys/live.mjs';
import { reading } from './journeys/reading.mjs';
import { scriptless } from './journeys/scriptless.mjs';
import { leaving } from './journeys/leaving.mjs';
import { people } from './journeys/people.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const words = process.argv.slice(2);
const screenshots = path.join(here, 'screenshots');
rmSync(screenshots, { recursive: true, force: true });
mkdirSync(screenshots, { recursive: true });

const checks = new Checks();
const demo = await Demo.start({
  binary: process.env.COUNTERSIGN_BIN ?? path.join(root, 'target/debug/countersign'),
  file: words.find((word) => !word.startsWith('--')),
});
let browser;
try {
  browser = await launch({ headed: words.includes('--headed') });
  const readme = words.includes('--readme') ? path.join(root, 'docs/images') : undefined;
  const world = { browser, checks, demo, screenshots, readme, open: (options) => open(browser, checks, options) };
  await doors(world);
  await pages(world);
  await reading(world);
  await live(world);
  await scriptless(world);
  await leaving(world);
  await people(world);
} catch (error) {
  checks.failed('the run as a whole', error);
} finally {
  await browser?.close();
  await demo.stop();
}
process.exitCode = checks.summary() ? 0 : 1;
