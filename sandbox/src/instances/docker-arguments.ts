/** The parsed arguments of `docker run` that the shim uses. */
export interface DockerRun {
  readonly image: string;
  /** The arguments after the image's name. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly detach: boolean;
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly remove: boolean;
}

/** A command line that docker refuses. */
export class DockerUsageError extends Error {
  override readonly name = "DockerUsageError";
}

/** Long options without a value; every other one has a value. */
const LONE_OPTIONS = new Set([
  "detach",
  "interactive",
  "tty",
  "rm",
  "init",
  "privileged",
  "read-only",
  "publish-all",
  "no-healthcheck",
  "oom-kill-disable",
  "sig-proxy",
  "quiet",
  "disable-content-trust",
  "use-api-socket",
]);

const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  d: "detach",
  i: "interactive",
  t: "tty",
  P: "publish-all",
  q: "quiet",
  e: "env",
  v: "volume",
  p: "publish",
  w: "workdir",
  u: "user",
  h: "hostname",
  l: "label",
  m: "memory",
  c: "cpu-shares",
  a: "attach",
};

/**
 * Parses the arguments of `docker run`: options up to the image, the rest belongs to the container.
 * `readFile` returns the contents of an `--env-file`; `environment` is the client's, for `-e NAME` without a value.
 */
export function parseDockerRun(
  argv: readonly string[],
  options: {
    readonly readFile: (path: string) => string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): DockerRun {
  const values: Array<readonly [name: string, value: string]> = [];
  const words = [...argv];
  let image: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith("-") || word === "-") {
      image = word;
      break;
    }
    if (word === "--") {
      image = words.shift();
      break;
    }
    values.push(...(word.startsWith("--") ? longOption(word, words) : shortOptions(word, words)));
  }
  if (image === undefined) {
    throw new DockerUsageError("docker: 'docker run' requires at least 1 argument: the image.");
  }
  const on = (name: string): boolean => isOn(values.findLast(([key]) => key === name)?.[1]);
  const name = values.findLast(([key]) => key === "name")?.[1];
  return {
    image,
    args: words,
    environment: environmentOf(values, options),
    ...(name === undefined ? {} : { name }),
    detach: on("detach"),
    interactive: on("interactive"),
    tty: on("tty"),
    remove: on("rm"),
  };
}

/** Whether an image is the worker's, with any registry, tag or digest. */
export function isWorkerImage(image: string): boolean {
  return /^(?:(?:index\.)?docker\.io\/)?lightly\/worker(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$/.test(image);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "false" && value !== "0";
}

function longOption(word: string, rest: string[]): Array<readonly [string, string]> {
  const equals = word.indexOf("=");
  if (equals > 0) {
    return [[word.slice(2, equals), word.slice(equals + 1)]];
  }
  const name = word.slice(2);
  return [[name, LONE_OPTIONS.has(name) ? "true" : valueFor(word, rest)]];
}

/** `-it`, `-e NAME=value`, `-eNAME=value`, `-itd`. */
function shortOptions(word: string, rest: string[]): Array<readonly [string, string]> {
  const found: Array<readonly [string, string]> = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const name = SHORT_OPTIONS[letter];
    if (name === undefined) {
      throw new DockerUsageError(`docker: unknown shorthand flag: '${letter}' in ${word}`);
    }
    if (LONE_OPTIONS.has(name)) {
      found.push([name, "true"]);
      continue;
    }
    const attached = word.slice(at + 1).replace(/^=/, "");
    found.push([name, attached === "" ? valueFor(`-${letter}`, rest) : attached]);
    break;
  }
  return found;
}

function valueFor(option: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) {
    throw new DockerUsageError(`docker: flag needs an argument: ${option}`);
  }
  return value;
}

/** Files first, then `-e`, independent of their order, as in docker. */
function environmentOf(
  values: ReadonlyArray<readonly [string, string]>,
  options: {
    readonly readFile: (path: string) => string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Record<string, string> {
  const lines = values
    .filter(([name]) => name === "env-file")
    .flatMap(([, path]) => options.readFile(path).split(/\r?\n/))
    .map((line) => line.trimStart())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const environment: Record<string, string> = {};
  for (const entry of [...lines, ...values.filter(([name]) => name === "env").map(([, value]) => value)]) {
    const equals = entry.indexOf("=");
    if (equals > 0) {
      environment[entry.slice(0, equals)] = entry.slice(equals + 1);
    } else {
      const inherited = options.environment[entry];
      if (inherited !== undefined) {
        environment[entry] = inherited;
      }
    }
  }
  return environment;
}
