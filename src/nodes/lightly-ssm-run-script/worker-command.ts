import type { CommandWork } from "../../services/ssm/script-command.ts";
import type { WorkerScriptOptions } from "../../services/ssm/worker-script.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { fields } from "./fields.ts";

/** Creates the command that starts the Lightly Worker from the form. */
export async function workerCommand(
  inputs: Inputs,
  common: Pick<WorkerScriptOptions, "args" | "environment">,
): Promise<CommandWork> {
  const { workerScript } = await import("../../services/ssm/worker-script.ts");
  const { image, gpus, sharedMemoryMib, tokenFrom, tokenName, workerId, dockerArguments } = await inputs.read(
    fields,
    "image",
    "gpus",
    "sharedMemoryMib",
    "tokenFrom",
    "tokenName",
    "workerId",
    "dockerArguments",
  );
  const lines = workerScript({
    ...common,
    image,
    gpus: gpus === "ids" ? { ids: (await inputs.read(fields, "gpuIds")).gpuIds } : gpus,
    sharedMemoryMib,
    token: { from: tokenFrom, name: tokenName },
    workerId,
    dockerArguments,
  });
  return { script: `the Lightly Worker (${image})`, lines };
}
