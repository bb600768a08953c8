/** `lightly-aws-sandbox/worker`: the stand-in worker as a program and as a function, and the report that it writes. */
import { programPath } from "../program-path.ts";

export { WORKER_USER_AGENT } from "../worker/lightly-api.ts";
export { runWorker } from "../worker/run-worker.ts";
export type { RunReport } from "../worker/worker-report.ts";

/** Path of the worker's main file, which Node.js runs. */
export const WORKER_PROGRAM = programPath("../worker/main", import.meta.url);
