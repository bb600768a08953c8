const WIDTH = 30;

/** The progress of long work. */
export interface ProgressBar {
  /** @param part - of the work that is done, from 0 to 1 */
  show(part: number, text?: string): void;
  /** Ends the line. */
  end(): void;
}

/** Shows progress on one line of a terminal or, where there is none, as a plain line for every tenth part. */
export function progressBar(
  log: (line: string) => void,
  terminal: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stdout,
): ProgressBar {
  let shown = -1;
  let isOpen = false;
  return {
    show: (part, text = "") => {
      const step = Math.floor(part * (terminal.isTTY ? 100 : 10));
      if (step === shown) {
        return;
      }
      shown = step;
      const line = `  ${bar(part)} ${text || `${Math.floor(part * 100)} %`}`;
      if (terminal.isTTY) {
        isOpen = true;
        terminal.write(`\r${line}`);
      } else {
        log(line);
      }
    },
    end: () => {
      if (isOpen) {
        terminal.write("\n");
      }
    },
  };
}

function bar(part: number): string {
  const done = Math.round(Math.min(1, part) * WIDTH);
  return `[${"#".repeat(done)}${"-".repeat(WIDTH - done)}]`;
}
