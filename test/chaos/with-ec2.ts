import { spawn } from "node:child_process";
import { once } from "node:events";
import { EC2Client } from "@aws-sdk/client-ec2";
import { WORKER_PROGRAM } from "lightly-aws-sandbox/worker";
import type { World } from "./world.ts";

/** Does something in the user's AWS account without Node-RED, like a user in the console. */
export async function withEc2<T>({ sandbox }: World, work: (client: EC2Client) => Promise<T>): Promise<T> {
  const { region, credentials, endpoints } = sandbox;
  const client = new EC2Client({ region, credentials, endpoint: endpoints.aws });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** Cancels a scheduled run like the Lightly app. False if it can't be canceled any more. */
export async function cancelInTheApp({ sandbox }: World, scheduledId: string): Promise<boolean> {
  const { endpoints, token, record } = sandbox;
  const scheduled = record.scheduledRuns().find(({ id }) => id === scheduledId);
  const path = `/v1/datasets/${scheduled?.datasetId}/docker/worker/schedule/${scheduledId}`;
  const answer = await fetch(`${endpoints.lightly}${path}?token=${token}`, { method: "PUT" });
  return answer.ok;
}

/** Starts a worker on another machine. It ends after its first run, or on request. */
export function startWorkerElsewhere({ sandbox }: World, fault: "" | "crash" = ""): () => Promise<void> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", WORKER_PROGRAM, "worker.name=elsewhere"],
    {
      env: {
        ...process.env,
        LIGHTLY_SERVER_LOCATION: sandbox.endpoints.lightly,
        LIGHTLY_TOKEN: sandbox.token,
        SANDBOX_WORKER_MODE: "instant",
        SANDBOX_WORKER_POLL_MS: "20",
        SANDBOX_WORKER_FAULT: fault,
      },
      stdio: "ignore",
    },
  );
  const ended = once(child, "exit");
  return async () => {
    child.kill("SIGKILL");
    await ended;
  };
}
