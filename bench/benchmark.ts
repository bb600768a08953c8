/** What a benchmark gets to work with. */
export interface Bench {
  /** A folder of its own, removed afterwards. */
  readonly folder: string;
  /** Aborted by Ctrl-C and when the time of all benchmarks is over. */
  readonly signal: AbortSignal;
  /** Does something at the end of the benchmark, however it ends; the last one first. */
  readonly defer: (action: () => unknown) => void;
  /** Says what is going on, for people who wait. */
  readonly say: (line: string) => void;
}

/** One thing that was measured several times. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "MiB" | "MiB/s" | "%" | "";
  readonly values: readonly number[];
  /** The median must not be above, or not be below this. */
  readonly goal?: { readonly most: number } | { readonly least: number };
}

/** One benchmark: a name for the command line, what it compares, and its figures. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<readonly Figure[]>;
}
