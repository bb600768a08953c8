/** Counts checks, and prints one line for each. */
export class Tally {
  passed = 0;
  failed = 0;
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = console.log) {
    this.#write = write;
  }

  pass(name: string): void {
    this.passed += 1;
    this.#write(`ok    ${name}`);
  }

  fail(name: string, why: string): void {
    this.failed += 1;
    this.#write(`FAIL  ${name}: ${why.trim().replaceAll("\n", "\n        ")}`);
  }

  /** Runs a check. An error is the reason of its failure, and does not prevent the next check. */
  async check(name: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.fail(name, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      return;
    }
    this.pass(name);
  }
}
