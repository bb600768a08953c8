import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Versions of Python 3: 10 is 3.10. */
export interface PythonRange {
  readonly least: number;
  readonly most?: number;
}

/** An interpreter that can make virtual environments. */
export interface Python {
  readonly command: string;
  /** `3.11`. */
  readonly version: string;
}

/** No interpreter is in the range. Its message completes "needs ...". */
export class PythonMissing extends Error {
  override readonly name = "PythonMissing";
}

const PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])";

/**
 * Finds the first interpreter in range, newest name first; `PYTHON` names one to prefer.
 *
 * @throws PythonMissing
 */
export async function findPython({ least, most }: PythonRange): Promise<Python> {
  const minors = [13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const seen: string[] = [];
  for (const command of [process.env.PYTHON ?? "python3", "python3", ...minors, "python"]) {
    const probe = await promisify(execFile)(command, ["-c", PROBE]).catch(() => undefined);
    const version = probe?.stdout.trim();
    if (version === undefined) {
      continue;
    }
    seen.push(version);
    const minor = /^3\.(\d+)$/.exec(version)?.[1];
    if (minor !== undefined && Number(minor) >= least && Number(minor) <= (most ?? Number.POSITIVE_INFINITY)) {
      return { command, version };
    }
  }
  const wanted = `Python 3.${least}${most === undefined ? " or newer" : ` to 3.${most}`} with venv`;
  throw new PythonMissing(`${wanted}; found ${seen.length === 0 ? "none" : [...new Set(seen)].join(", ")}`);
}
