import { PipelineError } from "../../errors/pipeline-error.ts";
import { dockerImage, gpuIds, secretName } from "../../fields/rules/command-line.ts";
import { splitWords } from "../../fields/split-words.ts";
import { quote, variableName } from "./shell-word.ts";

/** Where the Lightly token is stored. */
export interface TokenReference {
  /** Parameter Store (a SecureString), or Secrets Manager (a secret with only the token, as plain text). */
  readonly from: "parameter" | "secret";
  /** Name or ARN. */
  readonly name: string;
}

export interface WorkerScriptOptions {
  /** `lightly/worker:latest` */
  readonly image: string;
  /** The GPUs of the container: all, none, or those with these numbers or ids, separated by commas. */
  readonly gpus: "all" | "none" | { readonly ids: string };
  /** Size of `/dev/shm` in MiB. */
  readonly sharedMemoryMib: number;
  /** Id of a registered worker; without one, it registers itself as a default worker, which takes any run. */
  readonly workerId?: string;
  readonly token: TokenReference;
  /** Further arguments for `docker run` in shell syntax; nothing in them is expanded. */
  readonly dockerArguments?: string;
  /** Arguments of the worker, after the image: `worker.force_start=True`. */
  readonly args?: readonly string[];
  /** Variables of the container only. They are arguments of docker, which users of the instance can read. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Creates the lines of a shell script that starts the Lightly Worker in docker. They do not contain the token: the instance reads it with
 * its own role, and docker takes it from the environment. The worker replaces the shell, so its exit code is that of the command.
 *
 * The variables of the container are arguments of docker and not part of the environment of this shell, which runs as root: there `PATH`,
 * `LD_PRELOAD` or `DOCKER_HOST` would change which program runs, and where. An env file of docker does not support values of several lines.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID` with the invalid value
 */
export function workerScript(call: WorkerScriptOptions): string[] {
  const { image, token, args = [], environment = {} } = call;
  if (dockerImage(image)) {
    throw invalid(`"${image}" is not a valid image name, such as lightly/worker:latest.`);
  }
  const variables = Object.entries(environment);
  const dockerWords = splitWords(call.dockerArguments ?? "");
  if (variables.some(([name]) => name === "LIGHTLY_TOKEN") || dockerWords.some((word) => /LIGHTLY_TOKEN=/.test(word))) {
    throw invalid(
      "LIGHTLY_TOKEN must not be part of a command. Enter the name of the parameter or secret that contains the token.",
    );
  }
  return [
    // The agent sets the region; not all versions of the AWS CLI read it from the instance.
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
  if (name === "" || secretName(name)) {
    throw invalid(
      name.trim() === ""
        ? "No token is given. Enter the name of a parameter or secret that contains it."
        : `"${name}" is not a valid name of a parameter or secret, or ARN.`,
    );
  }
  return from === "parameter"
    ? `aws ssm get-parameter --with-decryption --name ${quote(name, "the parameter")} --query Parameter.Value --output text`
    : `aws secretsmanager get-secret-value --secret-id ${quote(name, "the secret")} --query SecretString --output text`;
}

function unreadable({ from, name }: TokenReference): string {
  const [store, action] =
    from === "parameter" ? ["parameter", "ssm:GetParameter"] : ["secret", "secretsmanager:GetSecretValue"];
  return `The token could not be read from the ${store} ${name}. The instance needs the AWS CLI, and its role needs ${action} (and kms:Decrypt for a customer managed key).`;
}

function sharedMemory(mib: number): string {
  if (!Number.isInteger(mib) || mib < 1) {
    throw invalid(`The shared memory must be a whole number of MiB from 1 on, not ${mib}.`);
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
  if (gpuIds(ids)) {
    throw invalid(`"${which.ids}" is not a valid list of GPUs. Enter numbers or ids separated by commas, such as 0,1.`);
  }
  // Docker parses the value as comma-separated values, so several ids need their own quotes.
  return [`--gpus=${quote(`"device=${ids}"`, "the GPUs")}`];
}

function worker(id: string | undefined): string[] {
  return id === undefined || id === "" ? [] : [quote(`worker.worker_id=${id}`, "the worker's id")];
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
