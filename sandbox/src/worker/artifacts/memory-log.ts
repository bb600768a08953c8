/** The memory of this process over time, the run's MEMLOG artifact. */
export interface MemoryLog {
  /** One line per measurement so far, and one for now. */
  text(): string;
  stop(): void;
}

const INTERVAL_MS = 1000;

/** Measures the memory of this process every second. */
export function startMemoryLog(): MemoryLog {
  const lines: string[] = [];
  const measure = (): void => {
    const { rss, heapUsed, external } = process.memoryUsage();
    lines.push(`${new Date().toISOString()} rss=${mib(rss)} heap=${mib(heapUsed)} external=${mib(external)}`);
  };
  measure();
  const timer = setInterval(measure, INTERVAL_MS).unref();
  return {
    text() {
      measure();
      return `${lines.join("\n")}\n`;
    },
    stop: () => clearInterval(timer),
  };
}

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)}MiB`;
