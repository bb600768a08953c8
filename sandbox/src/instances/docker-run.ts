import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { httpRequest } from "../http-request.ts";
import { programPath } from "../program-path.ts";
import { DockerUsageError, isWorkerImage, parseDockerRun } from "./docker-arguments.ts";
import {
  anyName,
  CONTAINER_VARIABLE,
  type Container,
  type Containers,
  followLog,
  isAlive,
} from "./docker-containers.ts";
import { exitCodeOf, MARKER_VARIABLE } from "./processes.ts";

const WORKER = programPath("../worker/main", import.meta.url);
const LOG_COPY_MS = 40;

/** docker's exit code for "the daemon refused", as opposed to one of the container. */
const REFUSED = 125;

/** Variables that a container inherits from the instance although docker would not pass them: the sandbox's addresses and the mark. */
const INHERITED = new RegExp(
  `^(?:LIGHTLY_SERVER_LOCATION|SANDBOX_.*|${MARKER_VARIABLE}|AWS_ENDPOINT_URL|AWS_REGION|NODE_COMPILE_CACHE|PATH|HOME|TMPDIR|LANG)$`,
);

/** `docker run`: the worker as a process that outlives this client, as a container outlives docker's. */
export async function dockerRun(argv: readonly string[], containers: Containers): Promise<number> {
  const run = parseDockerRun(argv, { readFile: (path) => readFileSync(path, "utf8"), environment: process.env });
  if (!isWorkerImage(run.image)) {
    console.error(
      `docker: Unable to run '${run.image}'. A sandbox instance has no Docker: this program only runs the image ` +
        "lightly/worker, by starting the sandbox's stand-in for the Lightly Worker.",
    );
    return REFUSED;
  }
  if (run.interactive && run.tty && !run.detach && !process.stdin.isTTY) {
    throw new DockerUsageError("the input device is not a TTY");
  }
  const holder = run.name === undefined ? undefined : containers.find(run.name);
  if (holder !== undefined) {
    console.error(
      `docker: Error response from daemon: Conflict. The container name "/${run.name}" is already in use by container ` +
        `"${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
    return REFUSED;
  }
  const { id, folder } = containers.create();
  const logs = [openSync(join(folder, "stdout.log"), "a"), openSync(join(folder, "stderr.log"), "a")] as const;
  // Before the process starts: on a busy machine it may end before this one continues.
  const createdAt = new Date().toISOString();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", WORKER, ...run.args], {
    cwd: folder,
    // In a new session: killing this client's process group leaves the container running, as in docker.
    detached: true,
    env: { ...inherited(), ...run.environment, [CONTAINER_VARIABLE]: id },
    stdio: [run.interactive && !run.detach ? "inherit" : "ignore", ...logs],
  });
  logs.forEach(closeSync);
  if (child.pid === undefined) {
    // Never a container with process id -1: a signal to it would reach every process of the user.
    containers.drop(id);
    const [error] = await once(child, "error");
    throw error;
  }
  const container: Container = {
    id,
    name: run.name ?? anyName(id),
    image: run.image,
    command: run.args,
    pid: child.pid,
    createdAt,
    remove: run.remove,
  };
  containers.save(container);
  void reportWorker(child.pid, Date.parse(createdAt));
  if (run.detach) {
    child.unref();
    console.log(id);
    return 0;
  }
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
  const exitCode = await copyLogsUntil(ended, containers, id);
  if (run.remove) {
    containers.drop(id);
  } else {
    containers.save({ ...container, exitCode });
  }
  return exitCode;
}

/** `docker logs [-f]`. */
export async function dockerLogs(container: Container, follow: boolean, containers: Containers): Promise<number> {
  const ended = new Promise<number>((resolve) => {
    const look = (): void => {
      if (follow && isAlive(container)) {
        setTimeout(look, LOG_COPY_MS);
      } else {
        resolve(0);
      }
    };
    look();
  });
  return await copyLogsUntil(ended, containers, container.id);
}

/** Reports the worker for the sandbox's record; the worker does not depend on it. */
async function reportWorker(pid: number, startedAt: number): Promise<void> {
  const { SANDBOX_CONTROL_URL: url, SANDBOX_INSTANCE_ID: instanceId } = process.env;
  await httpRequest(`${url}/instances/${instanceId}/workers`, {
    method: "POST",
    headers: { "x-sandbox-control": "yes", "content-type": "application/json" },
    body: JSON.stringify({ pid, startedAt }),
  }).catch(() => undefined);
}

async function copyLogsUntil(ended: Promise<number>, containers: Containers, id: string): Promise<number> {
  const folder = containers.folder(id);
  const streams = [
    followLog(join(folder, "stdout.log"), (text) => process.stdout.write(text)),
    followLog(join(folder, "stderr.log"), (text) => process.stderr.write(text)),
  ];
  const copy = (): void => {
    for (const stream of streams) {
      stream.copyNew();
    }
  };
  const timer = setInterval(copy, LOG_COPY_MS);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
    copy();
    for (const stream of streams) {
      stream.close();
    }
  }
}

function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)));
}
