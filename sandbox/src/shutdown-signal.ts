/** One Ctrl-C can arrive twice within this time: from the terminal, and from npm, which forwards it. */
const SAME_KEY_PRESS_MS = 500;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Resolves at the first Ctrl-C, SIGTERM or hang-up of this process. A second signal ends the process immediately, without clean-up.
 */
export function untilShutdownSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstSignalAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        firstSignalAt ??= performance.now();
        resolve();
        if (performance.now() - firstSignalAt > SAME_KEY_PRESS_MS) {
          process.exit(EXIT_CODES[signal]);
        }
      });
    }
  });
}
