import { type ChildProcess, spawn } from "node:child_process";
import { cp, glob, mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../../scripts/local/free-port.ts";
import { watchRun } from "../../../scripts/local/run-watcher.ts";
import type { Judge, Setup } from "../judge.ts";
import { onInterrupt } from "../on-interrupt.ts";
import { type ProcessEnd, runProcess } from "../run-process.ts";
import { type Stage, stagesOf } from "./docker/dockerfile.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DOCKERFILE = join(ROOT, "deploy/docker/Dockerfile");
/** Its commands are run by test/deploy/studio-image.spec.ts, its entry point by the judge of the script. */
const STUDIO = join(ROOT, "deploy/studio/Dockerfile");
const COMPOSE = join(ROOT, "deploy/docker/compose.yaml");
const LIMIT_MS = 300_000;

/** The images, without a Docker engine: linted, and each of their commands run in a folder that stands for the file system of the image. */
export const docker: Judge = {
  name: "docker",
  title: "The Docker images against hadolint, the schema of compose files, and a run of their commands",
  requirements: "requirements-docker.txt",
  python: { least: 10 },
  async run(setup) {
    const { tally, python } = setup;
    const bin = dirname(python);
    await tally.check("hadolint finds nothing", () => succeed(join(bin, "hadolint"), [DOCKERFILE, STUDIO]));
    const schema = ["--builtin-schema", "vendor.compose-spec", COMPOSE];
    await tally.check("the compose file matches its schema", () => succeed(join(bin, "check-jsonschema"), schema));
    const images = await build(setup);
    if (images) {
      await tally.check("the services of the compose file run the pipeline", () => runServices(setup, images));
    }
  },
};

interface Images {
  readonly sandbox: Stage;
  readonly nodeRed: Stage;
  /** Replaces the paths of an image by those of the folder that stands for it. */
  readonly local: (text: string) => string;
}

/** Runs the instructions of each stage. Undefined if one of them fails. */
async function build({ tally, folder }: Setup): Promise<Images | undefined> {
  const files = join(folder, "image");
  const local = (text: string): string => text.replaceAll(/(?<![\w.:])(\/(?:build|opt|data|shared)\b)/g, `${files}$1`);
  const stages = stagesOf(await readFile(DOCKERFILE, "utf8"));
  for (const { name, workdir, copies, commands } of stages) {
    const cwd = local(workdir);
    await mkdir(cwd, { recursive: true });
    const failed = tally.failed;
    await tally.check(`the image ${name} is built`, async () => {
      for (const copy of copies) {
        await copyFiles(local(copy), cwd);
      }
      for (const command of commands) {
        await succeed("sh", ["-c", asThisUser(local(command))], cwd);
      }
    });
    if (tally.failed > failed) {
      return undefined;
    }
  }
  const [, sandbox, nodeRed] = stages;
  return sandbox && nodeRed && { sandbox, nodeRed, local };
}

/** Only root may give files away; and only in an image is there a user 1000. */
function asThisUser(command: string): string {
  return process.getuid?.() === 0 ? command : command.replace(/ && chown [^&]+/, "");
}

/** `COPY`: the context without what is ignored, or files of another stage. */
async function copyFiles(copy: string, cwd: string): Promise<void> {
  const [source = "", target = ""] = copy.replace(/^--from=\S+ /, "").split(" ");
  const to = resolve(cwd, target);
  if (source === ".") {
    const ignored = (await readFile(`${DOCKERFILE}.dockerignore`, "utf8")).split("\n").filter(Boolean);
    const isIgnored = (path: string): boolean =>
      ignored.some((pattern) => path === pattern || (pattern.startsWith("**/") && basename(path) === pattern.slice(3)));
    const filter = (path: string): boolean => !isIgnored(relative(ROOT, path));
    await cp(ROOT, to, { recursive: true, filter });
    return;
  }
  await mkdir(to, { recursive: true });
  for await (const file of glob(source)) {
    await cp(file, join(to, basename(file)));
  }
}

async function runServices({ python, folder }: Setup, { sandbox, nodeRed, local }: Images): Promise<void> {
  const services = await readServices(python);
  const [port, ...others] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const options = ["aws", "lightly", "pexels"].map((name, index) => `--${name}-port ${others[index]}`).join(" ");
  const [shell = "", flag = "", script = ""] = sandbox.start;
  const started: ChildProcess[] = [];
  const start = (stage: Stage, args: readonly string[]): ChildProcess => {
    const child = spawn(args[0] ?? "", args.slice(1), {
      cwd: local(stage.workdir),
      env: environment(folder),
      stdio: "ignore",
    });
    started.push(child);
    onInterrupt(() => child.kill("SIGKILL"));
    return child;
  };
  try {
    start(sandbox, [shell, flag, local(script).replace(" --quiet", ` --quiet ${options}`)]);
    const [probe = "", ...probeArgs] = sandbox.healthCheck.map(local);
    await until("the sandbox is healthy", async () => (await run(probe, probeArgs)).code === 0);
    // In a compose file $$ stands for $.
    const command = (services["node-red"]?.command ?? []).map((word) => local(word).replaceAll("$$", "$"));
    start(
      nodeRed,
      command.map((word) => word.replace(" --userDir", ` --port ${port} --userDir`)),
    );
    const url = `http://127.0.0.1:${port}`;
    const [node = "", ...nodeArgs] = nodeRed.healthCheck.map((word) => word.replace("http://127.0.0.1:1880", url));
    await until("Node-RED is healthy", async () => (await run(node, nodeArgs)).code === 0);
    let runId: string | undefined;
    await until("the flow is started", async () => {
      const response = await fetch(`${url}/lightly-pipeline`, { method: "POST" });
      runId = response.status === 202 ? ((await response.json()) as { runId: string }).runId : undefined;
      return runId !== undefined;
    });
    const { signal } = new AbortController();
    const watched = { url, runId: runId ?? "", lastStepType: "lightly-ec2-stop", limitMs: LIMIT_MS, signal };
    const { state, error } = await watchRun({ ...watched, onStep: () => {} });
    if (state !== "completed") {
      throw new Error(`The run is ${state}: ${error?.message}`);
    }
  } finally {
    for (const child of started.reverse()) {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await ended;
      }
    }
  }
}

/** The services of the compose file, read by the YAML parser of the judge's environment. */
async function readServices(python: string): Promise<Record<string, { readonly command?: readonly string[] }>> {
  const program =
    "import json, sys; from ruamel.yaml import YAML; json.dump(YAML(typ='safe').load(open(sys.argv[1])), sys.stdout)";
  const { stdout } = await succeed(python, ["-c", program, COMPOSE]);
  return JSON.parse(stdout).services;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await pause(200)) {
    if (await condition()) {
      return;
    }
  }
  throw new Error(`It took more than ${LIMIT_MS / 1000} s until ${what}.`);
}

/** What a container inherits: no variable of a user's accounts. */
function environment(folder: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    npm_config_cache: process.env.npm_config_cache ?? join(folder, "npm"),
  };
}

function run(command: string, args: readonly string[], cwd = ROOT): Promise<ProcessEnd> {
  const options = { environment: { ...process.env }, timeoutMs: LIMIT_MS };
  return runProcess({ command, args, cwd, ...options });
}

/** @throws Error with the output of a process that has failed */
async function succeed(command: string, args: readonly string[], cwd?: string): Promise<ProcessEnd> {
  const end = await run(command, args, cwd);
  if (end.code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${end.code}: ${(end.stdout + end.stderr).slice(-2000)}`);
  }
  return end;
}
