/** One Ctrl-C may arrive twice within this time: from the terminal, and once more from npm, which passes it on. */
const SAME_KEY_PRESS_MS = 500;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Resolves when this process is first asked to end: by Ctrl-C, SIGTERM or a hang-up. Whoever asks again has lost patience, and the
 * process ends at once, without tidying up.
 */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let firstAskedAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        firstAskedAt ??= performance.now();
        resolve();
        if (performance.now() - firstAskedAt > SAME_KEY_PRESS_MS) {
          process.exit(EXIT_CODES[signal]);
        }
      });
    }
  });
}
