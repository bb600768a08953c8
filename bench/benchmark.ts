/** The context of a benchmark. */
export interface Bench {
  /** A temporary folder, removed afterwards. */
  readonly folder: string;
  /** Aborted by Ctrl-C and when the time of all benchmarks is over. */
  readonly signal: AbortSignal;
  /** Registers an action for the end of the benchmark, even after a failure; the last one runs first. */
  readonly defer: (action: () => unknown) => void;
  /** Shows the progress in a terminal. */
  readonly say: (line: string) => void;
}

/** One quantity with its measured values. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "KiB" | "MiB" | "MiB/s" | "%" | "";
  readonly values: readonly number[];
  /** The median must not be above, or not be below this. */
  readonly goal?: { readonly most: number } | { readonly least: number };
}

/** One benchmark: a name for the command line, what it compares, and its figures. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** Whether it runs only when it is named, because of what it installs or how long it takes. */
  readonly isNamedOnly?: boolean;
  readonly measure: (bench: Bench) => Promise<readonly Figure[]>;
}
