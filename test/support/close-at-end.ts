const closers: Array<() => Promise<void>> = [];

/** Closes something that the spec files of a process share after the last of them. With `--parallel`, it has to end with its process. */
export function closeAtEnd(close: () => Promise<void>): void {
  closers.push(close);
}

export const mochaHooks = {
  async afterAll(): Promise<void> {
    // In a worker of `mocha --parallel`, this is the end of one file.
    if (!process.env.MOCHA_WORKER_ID) {
      await Promise.all(closers.splice(0).map((close) => close()));
    }
  },
};
