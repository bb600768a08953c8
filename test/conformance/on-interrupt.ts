const cleanUps: Array<() => unknown> = [];

/**
 * Registers a clean-up for the end of the run by a signal. The last one is called first.
 *
 * @returns a function that removes it
 */
export function onInterrupt(cleanUp: () => unknown): () => void {
  cleanUps.push(cleanUp);
  return () => {
    const at = cleanUps.indexOf(cleanUp);
    if (at >= 0) {
      cleanUps.splice(at, 1);
    }
  };
}

async function end(code: number): Promise<void> {
  for (let last = cleanUps.pop(); last !== undefined; last = cleanUps.pop()) {
    await last();
  }
  process.exit(code);
}

process.once("SIGHUP", () => void end(129));
process.once("SIGINT", () => void end(130));
process.once("SIGTERM", () => void end(143));
