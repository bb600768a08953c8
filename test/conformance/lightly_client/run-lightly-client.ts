import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

export interface LightlyClientOptions {
  /** The interpreter of an environment that has `requirements-lightly.txt` installed (`pip install --no-deps -r`). */
  readonly python: string;
  /** `LIGHTLY_*` and `PIPELINE_*`, as a sandbox gives them to Node-RED. */
  readonly environment: Readonly<Record<string, string>>;
  /** The videos under the input prefix: names relative to it, and their sizes. */
  readonly videos: ReadonlyArray<{ readonly name: string; readonly bytes: number }>;
  /** Called with each line that it prints: `ok - NAME` or `not ok - NAME` for each check. */
  readonly onLine: (line: string) => void;
}

/** Lets Lightly's own Python client go through its standard session; resolves with the exit code, 0 when all is well. */
export async function runLightlyClient({ python, environment, videos, onLine }: LightlyClientOptions): Promise<number> {
  const child = spawn(python, [path.join(import.meta.dirname, "standard_session.py")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH ?? "",
      PYTHONDONTWRITEBYTECODE: "1",
      ...environment,
      CONFORMANCE_VIDEOS: videos.map(({ name, bytes }) => `${name}:${bytes}`).join(","),
    },
  });
  createInterface({ input: child.stdout }).on("line", onLine);
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}
