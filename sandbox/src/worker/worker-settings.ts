import { hostname } from "node:os";

/** What the process was started with. */
export interface WorkerSettings {
  readonly server: string;
  readonly token: string;
  /** The id of a registered worker; without one the worker registers itself by name. */
  readonly workerId?: string;
  readonly workerName: string;
  /** `instant` decodes nothing and completes each run at once. */
  readonly mode: "stand-in" | "instant";
  /** Poll interval for work. */
  readonly pollMs: number;
  /** What is to go wrong: a crash in a run state (in the first one if none is named), or a run that never ends. */
  readonly fault?: { readonly kind: "crash"; readonly state?: string } | { readonly kind: "never-ends" };
}

/** The published address of Lightly's API; the default server. */
const DEFAULT_SERVER = "https://api.lightly.ai";
const DEFAULT_POLL_MS = 500;

/**
 * Reads what follows the image name in `docker run` (`worker.worker_id=...`, further `key=value` pairs have no effect)
 * and the environment.
 *
 * @throws Error saying which value is missing or malformed
 */
export function readWorkerSettings(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): WorkerSettings {
  const given = new Map(argv.map((text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)] as const));
  const token = environment.LIGHTLY_TOKEN || given.get("token") || "";
  if (token === "") {
    throw new Error("No API token: set LIGHTLY_TOKEN (docker run -e LIGHTLY_TOKEN=...).");
  }
  const workerId = given.get("worker.worker_id") || environment.LIGHTLY_WORKER_ID || undefined;
  if (workerId !== undefined && !/^[a-f0-9]{24}$/.test(workerId)) {
    throw new Error(`worker.worker_id must be 24 lower-case hexadecimal digits, not "${workerId}".`);
  }
  const mode = environment.SANDBOX_WORKER_MODE || "stand-in";
  if (mode !== "stand-in" && mode !== "instant") {
    throw new Error(`SANDBOX_WORKER_MODE must be stand-in or instant, not "${mode}".`);
  }
  const fault = readFault(environment.SANDBOX_WORKER_FAULT ?? "");
  return {
    server: (environment.LIGHTLY_SERVER_LOCATION?.trim() || DEFAULT_SERVER).replace(/\/+$/, ""),
    token,
    ...(workerId === undefined ? {} : { workerId }),
    workerName:
      given.get("worker.name") || `sandbox ${(environment.HOSTNAME || hostname()).replaceAll(/[^a-zA-Z0-9_-]/g, "-")}`,
    mode,
    pollMs: Number(environment.SANDBOX_WORKER_POLL_MS || DEFAULT_POLL_MS),
    ...(fault === undefined ? {} : { fault }),
  };
}

function readFault(text: string): WorkerSettings["fault"] {
  const [kind, state] = text.split(":");
  switch (kind) {
    case "":
    case undefined:
      return undefined;
    case "never-ends":
      return { kind };
    case "crash":
      return { kind, ...(state === undefined ? {} : { state }) };
    default:
      throw new Error(`SANDBOX_WORKER_FAULT must be crash, crash:STATE or never-ends, not "${text}".`);
  }
}
