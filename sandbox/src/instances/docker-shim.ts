/**
 * The program `docker` of a sandbox instance. There is no Docker: `docker run ... lightly/worker ...` starts the
 * stand-in worker as a process of the instance, so that a user's production script runs unchanged. `-v`,
 * `--gpus`, `--network` and the like are accepted and ignored: the process runs directly on the computer.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { DockerUsageError, isWorkerImage } from "./docker-arguments.ts";
import { type Container, type Containers, containersIn, isAlive } from "./docker-containers.ts";
import { dockerLogs, dockerRun } from "./docker-run.ts";

const VERSION = "Docker version 0.0.0 (the sandbox's stand-in: it runs lightly/worker and nothing else)";
const STOP_SECONDS = 10;

async function main(argv: readonly string[]): Promise<number> {
  const instanceFolder = process.env.SANDBOX_INSTANCE_DIR;
  if (instanceFolder === undefined) {
    console.error("docker: this program only works on an instance of the sandbox (SANDBOX_INSTANCE_DIR is not set).");
    return 125;
  }
  const containers = containersIn(instanceFolder);
  const [command, ...rest] = argv[0] === "container" ? argv.slice(1) : argv;
  switch (command) {
    case "run":
      return await dockerRun(rest, containers);
    case "ps":
    case "ls":
      return list(rest, containers);
    case "logs":
      return await eachNamed(rest, containers, (one) =>
        dockerLogs(one, rest.includes("-f") || rest.includes("--follow"), containers),
      );
    case "stop":
      return await eachNamed(rest, containers, (one) => stop(one, secondsOf(rest), containers));
    case "kill":
      return await eachNamed(rest, containers, (one) => stop(one, 0, containers));
    case "rm":
      return await eachNamed(rest, containers, (one) => remove(one, rest.includes("-f"), containers));
    case "pull":
      return pull(rest);
    case "--version":
    case "-v":
    case "version":
      console.log(rest.includes("--format") ? "0.0.0-sandbox" : VERSION);
      return 0;
    default:
      console.error(`docker: '${command ?? ""}' is not available here; run, ps, logs, stop, kill, rm and pull are.`);
      return 1;
  }
}

function list(args: readonly string[], containers: Containers): number {
  const name = args.map((arg) => /^(?:--filter=)?name=(.*)$/.exec(arg)?.[1]).find((found) => found !== undefined);
  const shown = containers
    .list()
    .filter((one) => isAlive(one) || args.includes("-a") || args.includes("--all"))
    .filter((one) => name === undefined || one.name.includes(name.replace(/^[/^]+|\$$/g, "")));
  if (args.includes("-q") || args.includes("--quiet")) {
    for (const one of shown) {
      console.log(one.id.slice(0, 12));
    }
    return 0;
  }
  console.log("CONTAINER ID   IMAGE                   STATUS        NAMES");
  for (const one of shown) {
    const status = isAlive(one) ? "Up" : one.exitCode === undefined ? "Exited" : `Exited (${one.exitCode})`;
    console.log(`${one.id.slice(0, 12)}   ${one.image.padEnd(21)}   ${status.padEnd(11)}   ${one.name}`);
  }
  return 0;
}

/** Runs `action` for every named container; options and their values are not names. */
async function eachNamed(
  args: readonly string[],
  containers: Containers,
  action: (container: Container) => Promise<number>,
): Promise<number> {
  const takesValue = new Set(["-t", "--time", "--timeout", "-s", "--signal", "-n", "--tail", "--since", "--until"]);
  const names = args.filter((arg, at) => !arg.startsWith("-") && !takesValue.has(args[at - 1] ?? ""));
  let exitCode = names.length === 0 ? 1 : 0;
  for (const name of names) {
    const container = containers.find(name);
    if (container === undefined) {
      console.error(`Error response from daemon: No such container: ${name}`);
      exitCode = 1;
    } else {
      exitCode = Math.max(exitCode, await action(container));
    }
  }
  return exitCode;
}

function secondsOf(args: readonly string[]): number {
  const at = args.findIndex((arg) => arg === "-t" || arg === "--time" || arg === "--timeout");
  return at < 0 ? STOP_SECONDS : Number(args[at + 1]);
}

async function stop(container: Container, graceSeconds: number, containers: Containers): Promise<number> {
  if (isAlive(container)) {
    process.kill(container.pid, graceSeconds > 0 ? "SIGTERM" : "SIGKILL");
    for (const limit = Date.now() + graceSeconds * 1000; isAlive(container) && Date.now() < limit; ) {
      await sleep(20);
    }
    if (isAlive(container)) {
      process.kill(container.pid, "SIGKILL");
    }
  }
  containers.list();
  console.log(container.name);
  return 0;
}

async function remove(container: Container, force: boolean, containers: Containers): Promise<number> {
  if (isAlive(container) && !force) {
    console.error(`Error response from daemon: cannot remove container "/${container.name}": container is running`);
    return 1;
  }
  const exitCode = await stop(container, 0, containers);
  containers.drop(container.id);
  return exitCode;
}

function pull(args: readonly string[]): number {
  const image = args.find((arg) => !arg.startsWith("-"));
  if (image === undefined || !isWorkerImage(image)) {
    console.error(
      `Error response from daemon: a sandbox instance only has the image lightly/worker, not '${image ?? ""}'.`,
    );
    return 1;
  }
  console.log(`Status: Image is up to date for ${image} (the sandbox's stand-in; nothing was downloaded)`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof DockerUsageError ? error.message : `docker: ${String(error)}`);
  process.exitCode = error instanceof DockerUsageError ? 1 : 125;
}
