import { join } from "node:path";
import { GetCommandInvocationCommand, SSMClient } from "@aws-sdk/client-ssm";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { watchRun } from "../../scripts/local/run-watcher.ts";
import { pressButton, writeStudioFlow } from "../../scripts/local/studio-flow.ts";
import type { Bench } from "../benchmark.ts";

const LIMIT_MS = 5 * 60_000;

/**
 * Runs `examples/studio.json` twice in a new Node-RED. Returns for each run the seconds that its step with LightlyStudio has taken before and
 * after its script, of which Systems Manager reports the start and the end. Both are of the same run, because other programs use the machine
 * too, and a run of the script takes more time than the overhead.
 */
export async function stepOverheads(o: {
  readonly bench: Bench;
  readonly name: string;
  readonly python: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<readonly [cold: number, warm: number]> {
  const { bench, name, python, environment } = o;
  const { signal, folder } = bench;
  const { file, button } = await writeStudioFlow({ file: join(folder, `${name}.json`), python, embedder: "grid" });
  const nodeRed = await startNodeRed({ userDir: join(folder, name), flow: file, environment, allNodes: true });
  const ssm = ssmClient(environment);
  const overhead = async (): Promise<number> => {
    const { url } = nodeRed;
    const runId = await pressButton(url, button, signal);
    const run = await watchRun({
      ...{ url, runId, signal, lastStepType: "lightly-ec2-stop", limitMs: LIMIT_MS },
      onStep: () => {},
    });
    const step = run.steps.find(({ role }) => role === "select");
    const { lightly } = Object(step?.result) as { lightly?: { commandId: string; instanceId: string } };
    if (run.error || step?.endedAt === undefined || lightly === undefined) {
      throw new Error(`The run failed: ${run.error?.message}`);
    }
    const { commandId: CommandId, instanceId: InstanceId } = lightly;
    const script = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
    const [from, to] = [script.ExecutionStartDateTime, script.ExecutionEndDateTime].map((at) => Date.parse(at ?? ""));
    return (step.endedAt - step.startedAt - (Number(to) - Number(from))) / 1000;
  };
  try {
    return [await overhead(), await overhead()];
  } finally {
    ssm.destroy();
    await nodeRed.close();
  }
}

function ssmClient(environment: Readonly<Record<string, string>>): SSMClient {
  const { AWS_ENDPOINT_URL: endpoint = "", AWS_REGION: region = "" } = environment;
  const accessKeyId = environment.AWS_ACCESS_KEY_ID ?? "";
  const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY ?? "";
  return new SSMClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
}
