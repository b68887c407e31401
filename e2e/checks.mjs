// Counts what held and what did not. A check is a sentence; what it throws is why it failed.

export class Checks {
  #passed = 0;
  #failed = 0;

  /** Runs a check and goes on, whatever comes of it. */
  async that(sentence, body) {
    try {
      await body();
      this.#passed += 1;
      console.log(`ok    ${sentence}`);
    } catch (error) {
      this.failed(sentence, error);
    }
  }

  failed(sentence, error) {
    this.#failed += 1;
    console.log(`FAIL  ${sentence}\n      ${String(error?.message ?? error).split('\n').join('\n      ')}`);
  }

  /** Prints the last line; true if all held. */
  summary() {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0;
  }
}

/** Fails with words unless the condition holds. */
export function expect(condition, words) {
  if (!condition) throw new Error(words);
}
