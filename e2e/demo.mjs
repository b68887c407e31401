// The product under test: `countersign demo` in a directory of its own, and the other commands on the same data.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const LINK = /https:\/\/(?:127\.0\.0\.1|localhost):\d+\/s\/[0-9a-f]{64}/;
const PATIENCE_MS = 240_000;

export class Demo {
  /** Starts the demo and waits until it serves. */
  static async start({ binary, file }) {
    const data = mkdtempSync(path.join(tmpdir(), 'countersign-e2e-'));
    const child = spawn(binary, ['demo', ...(file ? [file] : []), '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    const link = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no link after ${PATIENCE_MS / 1000} s; it said:\n${told}`)), PATIENCE_MS);
      const hear = (text) => {
        told += text;
        const found = LINK.exec(told);
        if (found) resolve(found[0], clearTimeout(late));
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the demo ended with ${code}; it said:\n${told}`)));
    });
    return new Demo(binary, data, child, link);
  }

  constructor(binary, data, child, link) {
    Object.assign(this, { binary, data, child, link, origin: new URL(link).origin });
  }

  /** Runs another command of the product. */
  async command(...words) {
    const { stdout } = await promisify(execFile)(this.binary, words, { timeout: 60_000 });
    return stdout;
  }

  /** Another link that opens the console once. */
  async anotherLink() {
    const told = await this.command('console-link', '--data', this.data, '--url', this.origin);
    return LINK.exec(told)[0];
  }

  /** Moves the clock of the test world on, which is an event. */
  async advanceClock(by) {
    await this.command('clock', 'advance', by, '--data', this.data);
  }

  async stop() {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const forced = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(forced);
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}
