import path from "node:path";
import { runProcess } from "../run-process.ts";

export interface LightlyClientOptions {
  /** The interpreter of an environment that has `requirements-lightly.txt` installed (`pip install --no-deps -r`). */
  readonly python: string;
  /** A script of this folder. */
  readonly session: "standard_session.py" | "results_session.py";
  /** `LIGHTLY_*` and `PIPELINE_*`, as a sandbox gives them to Node-RED, and what the session needs besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with each line that it prints: `ok - NAME` or `not ok - NAME` for each check. */
  readonly onLine: (line: string) => void;
}

/** Lets Lightly's own Python client go through a session; resolves with the exit code, 0 when every check has passed. */
export async function runLightlyClient(options: LightlyClientOptions): Promise<number> {
  const { python, session, environment, onLine } = options;
  const args = [path.join(import.meta.dirname, session)];
  const end = await runProcess({ command: python, args, environment, timeoutMs: 300_000, onLine });
  process.stderr.write(end.stderr);
  return end.code;
}
