/**
 * The program `shutdown` of a sandbox instance: it asks the sandbox to stop the instance, now or after some minutes.
 * The instance's attribute decides whether it is stopped or terminated, as on EC2.
 */
import { httpRequest } from "../http-request.ts";
import { minutesUntil, parseShutdown } from "./shutdown-arguments.ts";

async function main(argv: readonly string[]): Promise<number> {
  const wish = parseShutdown(argv);
  if (wish.kind === "invalid") {
    console.error(wish.message);
    return 1;
  }
  const url = process.env.SANDBOX_CONTROL_URL;
  if (url === undefined) {
    console.error("shutdown: this program only works on an instance of the sandbox (SANDBOX_CONTROL_URL is not set).");
    return 1;
  }
  const minutes = wish.kind === "cancel" ? undefined : minutesUntil(wish.time, new Date());
  const { status, text } = await httpRequest(`${url}/instances/${process.env.SANDBOX_INSTANCE_ID}/shutdown`, {
    method: wish.kind === "cancel" ? "DELETE" : "POST",
    headers: { "x-sandbox-control": "yes", "content-type": "application/json" },
    ...(wish.kind === "cancel" ? {} : { body: JSON.stringify({ minutes }) }),
  });
  if (status >= 300) {
    console.error(`shutdown: ${text}`);
    return 1;
  }
  if (minutes !== undefined && minutes > 0) {
    console.error(`Shutdown scheduled in ${minutes} minute(s), use 'shutdown -c' to cancel.`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
