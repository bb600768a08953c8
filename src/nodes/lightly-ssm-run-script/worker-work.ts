import type { CommandWork } from "../../services/ssm/script-command.ts";
import type { WorkerScriptOptions } from "../../services/ssm/worker-script.ts";
import type { Inputs } from "../shared/inputs.ts";

/** The command that starts the Lightly Worker as the form describes it. */
export async function workerWork(
  inputs: Inputs,
  common: Pick<WorkerScriptOptions, "args" | "environment">,
): Promise<CommandWork> {
  const { workerScript } = await import("../../services/ssm/worker-script.ts");
  const image = (await inputs.optionalText("image")) ?? DEFAULT_IMAGE;
  const lines = workerScript({
    ...common,
    image,
    gpus: await gpus(inputs),
    sharedMemoryMib: await inputs.number("sharedMemoryMib", { fallback: 1024, min: 1 }),
    token: {
      from: await inputs.choice("tokenFrom", ["parameter", "secret"]),
      name: await inputs.text("tokenName"),
    },
    workerId: await inputs.optionalText("workerId"),
    dockerArguments: await inputs.optionalText("dockerArguments"),
  });
  return { script: `the Lightly Worker (${image})`, lines };
}

const DEFAULT_IMAGE = "lightly/worker:latest";

async function gpus(inputs: Inputs): Promise<WorkerScriptOptions["gpus"]> {
  const choice = await inputs.choice("gpus", ["all", "none", "ids"]);
  return choice === "ids" ? { ids: await inputs.text("gpuIds") } : choice;
}
