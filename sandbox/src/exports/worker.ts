/** `lightly-aws-sandbox/worker`: the stand-in worker as a program, and the report that it writes. */
import { fileURLToPath } from "node:url";

export { WORKER_USER_AGENT } from "../worker/lightly-api.ts";
export type { RunReport } from "../worker/worker-report.ts";

/** Path of the worker's main file, which Node.js runs. */
export const WORKER_PROGRAM = fileURLToPath(new URL("../worker/main.ts", import.meta.url));
