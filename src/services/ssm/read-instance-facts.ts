import type { SSMClient } from "@aws-sdk/client-ssm";
import { followCommand } from "./follow-command.ts";
import { sendScript } from "./send-script.ts";
import { quote } from "./shell-word.ts";

/** What is looked for on an instance. */
export interface WantedFacts {
  /** Absolute paths of scripts. */
  readonly scripts: readonly string[];
  /** Absolute paths of the Python of environments with LightlyStudio. */
  readonly pythons: readonly string[];
}

/** A script on an instance. */
export type ScriptState = "ok" | "missing" | "windows" | "empty";

/** The state of an instance. What could not be read is absent. */
export interface InstanceFacts {
  readonly scripts: Readonly<Record<string, ScriptState>>;
  /** The version of LightlyStudio, by Python; `missing` without that Python, `without` if it can't be imported there. */
  readonly pythons: Readonly<Record<string, string>>;
  /** `missing`: not installed; `stopped`: its daemon does not respond; else its version. */
  readonly docker?: string;
  /** The names of the GPUs; `missing`: no nvidia-smi; `failed`: the driver does not respond. */
  readonly gpu?: string;
  /** Free on the root volume, in bytes. */
  readonly freeBytes?: number;
}

/** Limits in seconds; 30 is the least that Run Command takes for the delivery. */
const DELIVERY_SECONDS = 30;
const EXECUTION_SECONDS = 20;
const POLL_MS = 500;

/**
 * Reads the state of a running instance with one command, which changes nothing on it.
 *
 * @throws PipelineError `SSM_NOT_ONLINE`, `SSM_ACCESS_DENIED`, `TIMED_OUT`, `AWS_*`, `ABORTED`
 */
export async function readInstanceFacts(options: {
  readonly ssm: SSMClient;
  readonly instanceId: string;
  readonly wanted: WantedFacts;
  readonly signal: AbortSignal;
}): Promise<InstanceFacts> {
  const { ssm, instanceId, wanted, signal } = options;
  const { commandId } = await sendScript({
    ssm,
    instanceIds: [instanceId],
    script: "the check of the instance",
    lines: factLines(wanted),
    executionTimeoutSeconds: EXECUTION_SECONDS,
    deliveryTimeoutSeconds: DELIVERY_SECONDS,
    comment: "node-red check",
    signal,
  });
  const timeoutMs = (DELIVERY_SECONDS + EXECUTION_SECONDS) * 1000;
  const report = await followCommand({
    ssm,
    commandId,
    instanceId,
    until: "ended",
    timeoutMs,
    pollMs: POLL_MS,
    signal,
  });
  return parseFacts(report.stdout, wanted);
}

/** The lines of the command. They only read, and print one line per fact. */
export function factLines({ scripts, pythons }: WantedFacts): string[] {
  return [
    ...scripts.flatMap((path, index) => [
      `f=${quote(path, "the path of the script")}`,
      `if [ ! -f "$f" ]; then s=missing; elif [ ! -s "$f" ]; then s=empty`,
      `elif head -n 1 "$f" | grep -q "$(printf '\\r')"; then s=windows; else s=ok; fi`,
      `echo "script ${index} $s"`,
    ]),
    `if ! command -v docker >/dev/null 2>&1; then echo "docker missing"`,
    `else v=$(docker version --format '{{.Server.Version}}' 2>/dev/null) && [ -n "$v" ] && echo "docker $v" || echo "docker stopped"; fi`,
    `if ! command -v nvidia-smi >/dev/null 2>&1; then echo "gpu missing"`,
    `else g=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 4 | tr '\\n' ',') && [ -n "$g" ] && echo "gpu $g" || echo "gpu failed"; fi`,
    `echo "free $(df -Pk / | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"`,
    ...pythons.flatMap((path, index) => [
      `p=${quote(path, "the path of Python")}`,
      `if [ ! -x "$p" ]; then v=missing`,
      `else v=$("$p" -c 'import importlib.metadata as m; print(m.version("lightly-studio"))' 2>/dev/null) || v=without; fi`,
      `echo "python ${index} $v"`,
    ]),
  ];
}

/** Reads the output of the command. */
export function parseFacts(stdout: string, { scripts, pythons }: WantedFacts): InstanceFacts {
  const lines = stdout.split("\n").map((line) => line.trim());
  const find = (name: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1)
      .trim();
  const entries = (name: string, paths: readonly string[]): [string, string][] =>
    paths.flatMap((path, index): [string, string][] => {
      const value = find(`${name} ${index}`);
      return value === undefined ? [] : [[path, value]];
    });
  const [docker, gpu] = [find("docker"), find("gpu")];
  const freeKib = Number(find("free") || Number.NaN);
  return {
    scripts: Object.fromEntries(entries("script", scripts)) as Record<string, ScriptState>,
    pythons: Object.fromEntries(entries("python", pythons)),
    ...(docker !== undefined && { docker }),
    ...(gpu !== undefined && { gpu: gpu.replace(/,$/, "").replaceAll(",", ", ") }),
    ...(Number.isFinite(freeKib) && { freeBytes: freeKib * 1024 }),
  };
}
