import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bench } from "../benchmark.ts";
import { directPipeline, type Environment, type RequestsOf } from "./direct-pipeline.ts";

/**
 * Sends the requests of a pipeline twice in a new process, like the pipelines that it is compared with, so that neither earlier rounds nor
 * the benchmark's own work changes their time.
 *
 * @returns milliseconds of the second time
 */
export async function directRun({ signal }: Bench, environment: Environment, requestsOf: RequestsOf): Promise<number> {
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, requestsOf], { env, signal });
  return Number(stdout);
}

if (import.meta.main) {
  const requestsOf: RequestsOf = process.argv[2] === "package" ? "package" : "tutorial";
  const environment = process.env as Environment;
  const { signal } = new AbortController();
  await directPipeline(environment, requestsOf, signal);
  console.log(await directPipeline(environment, requestsOf, signal));
}
