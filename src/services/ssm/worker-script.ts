import { PipelineError } from "../../errors/pipeline-error.ts";
import { quote, variableName } from "./shell-word.ts";
import { splitWords } from "./split-words.ts";

/** Where the instance finds the Lightly token. */
export interface TokenReference {
  /** Parameter Store (a SecureString), or Secrets Manager (a secret that is the token alone, as plain text). */
  readonly from: "parameter" | "secret";
  /** Name or ARN. */
  readonly name: string;
}

/** How the Lightly Worker is started. */
export interface WorkerScriptOptions {
  /** `lightly/worker:latest` */
  readonly image: string;
  /** Which of the instance's GPUs it gets: all, none, or those of these numbers or ids, with commas in between. */
  readonly gpus: "all" | "none" | { readonly ids: string };
  /** Size of `/dev/shm` in MiB. */
  readonly sharedMemoryMib: number;
  /** Of a worker that is registered; without one, it registers itself as a default worker, that takes any run. */
  readonly workerId?: string;
  readonly token: TokenReference;
  /** Further arguments for `docker run`, as they are written in a shell; nothing in them is expanded. */
  readonly dockerArguments?: string;
  /** What the worker itself is told, behind the image: `worker.force_start=True`. */
  readonly args?: readonly string[];
  /** Variables of the container, and of nothing else. They stand in docker's arguments, which users of the instance can read. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An image's name as docker takes it: no blank, no leading hyphen that would make an option of it. */
const IMAGE = /^[a-zA-Z0-9][\w.\-/:@]*$/;
const GPU_IDS = /^[a-zA-Z0-9-]+(,[a-zA-Z0-9-]+)*$/;
/** Neither an option nor `file://`, which the AWS CLI would read. */
const REFERENCE = /^[\w/][\w/.:+=@-]*$/;

/**
 * The lines of a shell script that starts the Lightly Worker in docker. The token stands nowhere in it: the instance fetches it
 * with its own role, and docker takes it from the environment. The worker replaces the shell, so its exit code is the command's.
 *
 * The container's variables go to docker as arguments, never into the environment of this shell, which runs as root: there `PATH`,
 * `LD_PRELOAD` or `DOCKER_HOST` would decide which program runs, and where. A file for docker would not take a value of several lines.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID`, naming what is wrong
 */
export function workerScript(call: WorkerScriptOptions): string[] {
  const { image, token, args = [], environment = {} } = call;
  if (!IMAGE.test(image)) {
    throw invalid(`"${image}" is not an image's name; it looks like lightly/worker:latest.`);
  }
  const variables = Object.entries(environment);
  const dockerWords = splitWords(call.dockerArguments ?? "");
  if (variables.some(([name]) => name === "LIGHTLY_TOKEN") || dockerWords.some((word) => /LIGHTLY_TOKEN=/.test(word))) {
    throw invalid("LIGHTLY_TOKEN is not to stand in a command: give the name under which the token is stored.");
  }
  return [
    // The agent tells the region; the AWS CLI does not ask the instance for it in all its versions.
    'export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-${AWS_REGION:-${AWS_SSM_REGION_NAME:-}}}"',
    `LIGHTLY_TOKEN="$(${fetchToken(token)})" || { echo ${quote(unreadable(token), "the token's name")} >&2; exit 78; }`,
    "export LIGHTLY_TOKEN",
    [
      "exec docker run --rm",
      `--shm-size=${sharedMemory(call.sharedMemoryMib)}`,
      ...gpus(call.gpus),
      "-e LIGHTLY_TOKEN",
      ...variables.map(([name, value]) => `-e ${quote(`${variableName(name)}=${value}`, name)}`),
      ...dockerWords.map((word) => quote(word, "a docker argument")),
      quote(image, "the image"),
      ...worker(call.workerId),
      ...args.map((arg, index) => quote(arg, `argument ${index + 1}`)),
    ].join(" "),
  ];
}

function fetchToken({ from, name }: TokenReference): string {
  if (!REFERENCE.test(name) || name.includes("://")) {
    throw invalid(
      name.trim() === ""
        ? "No token is named: give the name of a parameter or a secret that holds it."
        : `"${name}" is neither the name of a parameter or secret nor an ARN.`,
    );
  }
  return from === "parameter"
    ? `aws ssm get-parameter --with-decryption --name ${quote(name, "the parameter")} --query Parameter.Value --output text`
    : `aws secretsmanager get-secret-value --secret-id ${quote(name, "the secret")} --query SecretString --output text`;
}

function unreadable({ from, name }: TokenReference): string {
  const [location, action] =
    from === "parameter" ? ["parameter", "ssm:GetParameter"] : ["secret", "secretsmanager:GetSecretValue"];
  return `The token could not be read from the ${location} ${name}. The instance needs the AWS CLI, and its role ${action} (and kms:Decrypt for a key of your own).`;
}

function sharedMemory(mib: number): string {
  if (!Number.isInteger(mib) || mib < 1) {
    throw invalid(`The shared memory is a whole number of MiB, not ${mib}.`);
  }
  return `${mib}m`;
}

function gpus(which: WorkerScriptOptions["gpus"]): string[] {
  if (which === "none") {
    return [];
  }
  if (which === "all") {
    return ["--gpus=all"];
  }
  const ids = which.ids.replaceAll(/\s/g, "");
  if (!GPU_IDS.test(ids)) {
    throw invalid(`"${which.ids}" names no GPUs: they are numbers or ids with commas in between, such as 0,1.`);
  }
  // Docker reads the value as a row of comma-separated values: several ids need quotes of its own around them.
  return [`--gpus=${quote(`"device=${ids}"`, "the GPUs")}`];
}

function worker(id: string | undefined): string[] {
  return id === undefined || id === "" ? [] : [quote(`worker.worker_id=${id}`, "the worker's id")];
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
