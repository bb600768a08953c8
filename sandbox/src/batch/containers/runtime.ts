import { availableParallelism } from "node:os";
import { join } from "node:path";
import { MARKER_VARIABLE } from "../../instances/processes.ts";
import { programPath } from "../../program-path.ts";
import type { ContainerSpec } from "../jobs/job.ts";
import { type ContainerRuntime, type ContainerStart, StartFailure } from "./container.ts";
import { programOf } from "./images.ts";
import { startInstantWorker } from "./instant-worker.ts";
import { startProcess } from "./process-container.ts";

export interface RuntimeOptions {
  /** The environment of everything that runs on an instance. */
  readonly instanceEnvironment: (instanceId: string) => Readonly<Record<string, string>>;
  /** The disk of an instance. */
  readonly folder: (instanceId: string) => string;
  /** What runs in the image lightly-studio instead of the stand-in, before the command of the job. */
  readonly studioProgram?: readonly [string, ...string[]] | undefined;
  /** The value of a secret, by its ARN or name; `undefined` if there is none. */
  readonly secret: (valueFrom: string) => string | undefined;
}

/** More at a time would slow each other down until their jobs run into their limits. */
const MAX_PROCESSES = Math.max(8, 4 * availableParallelism());

const WORKER = programPath("../../worker/main", import.meta.url);
const STUDIO = programPath("../../studio/main", import.meta.url);

/** What a container has of its instance: the sandbox's addresses, the role's credentials and the mark, by which its processes are found. */
const INHERITED = new RegExp(
  `^(?:LIGHTLY_SERVER_LOCATION|SANDBOX_.*|${MARKER_VARIABLE}|AWS_ENDPOINT_URL|AWS_REGION|AWS_SHARED_CREDENTIALS_FILE|NODE_COMPILE_CACHE|PATH|HOME|TMPDIR|LANG)$`,
);

/** Runs containers as processes of this computer; the worker in its instant mode runs in this process. */
export function createRuntime(options: RuntimeOptions): ContainerRuntime {
  let processes = 0;
  return {
    get isFull() {
      return processes >= MAX_PROCESSES;
    },
    start(start) {
      const { spec, instanceId, taskId, onLine } = start;
      const program = programOf(spec.image);
      if (program === undefined) {
        throw new StartFailure(
          `CannotPullContainerError: Error response from daemon: manifest for ${spec.image} not found: manifest unknown`,
        );
      }
      const environment = environmentOf(start, options);
      if (program === "worker" && environment.SANDBOX_WORKER_MODE === "instant") {
        return startInstantWorker({ args: spec.command, environment, onLine });
      }
      const folder = join(options.folder(instanceId), "var", "lib", "ecs", taskId);
      const container = startProcess({ argv: argvOf(program, spec, options), folder, environment, onLine });
      processes += 1;
      void container.ended.then(() => {
        processes -= 1;
      });
      return container;
    },
  } satisfies ContainerRuntime;
}

function argvOf(
  program: "worker" | "studio" | "shell",
  { command, image }: ContainerSpec,
  { studioProgram }: RuntimeOptions,
): [string, ...string[]] {
  if (program === "studio" && studioProgram) {
    return [...studioProgram, ...command];
  }
  if (program !== "shell") {
    const path = program === "worker" ? WORKER : STUDIO;
    return [process.execPath, "--disable-warning=ExperimentalWarning", path, ...command];
  }
  const [first, ...rest] = command;
  if (first === undefined) {
    throw new StartFailure(`CannotCreateContainerError: no command specified for ${image}`);
  }
  return [first, ...rest];
}

function environmentOf(start: ContainerStart, options: RuntimeOptions): Record<string, string> {
  const { spec, instanceId, taskId } = start;
  const inherited = Object.entries(options.instanceEnvironment(instanceId)).filter(([name]) => INHERITED.test(name));
  const secrets = spec.secrets.map(({ name, valueFrom }): [string, string] => {
    const value = options.secret(valueFrom);
    if (value === undefined) {
      throw new StartFailure(
        `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ResourceNotFoundException: ${valueFrom}`,
      );
    }
    return [name, value];
  });
  return {
    ...Object.fromEntries(inherited),
    // Of a container, its id: workers register by it.
    HOSTNAME: taskId.slice(0, 12),
    ...Object.fromEntries(spec.environment.map(({ name, value }) => [name, value])),
    ...Object.fromEntries(secrets),
    ...start.environment,
  };
}
