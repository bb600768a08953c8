import type { ContainerSpec } from "../jobs/job.ts";

/** What a container is started with. */
export interface ContainerStart {
  readonly instanceId: string;
  readonly taskId: string;
  readonly spec: ContainerSpec;
  /** The variables that Batch adds. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives each line of its output. */
  readonly onLine: (line: string) => void;
}

export interface RunningContainer {
  /** Resolves when it and everything in it has ended. */
  readonly ended: Promise<{ readonly exitCode: number }>;
  signal(name: "SIGTERM" | "SIGKILL"): void;
}

/** Runs containers on instances. */
export interface ContainerRuntime {
  /** Whether it can't take another container now. */
  readonly isFull: boolean;
  /** @throws StartFailure */
  start(options: ContainerStart): RunningContainer;
}

/** A container that could not be started; the message is the `reason` of its job. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}
