import type { SSMClient } from "@aws-sdk/client-ssm";
import type { FollowedCommand } from "../shared/command/command-follower.ts";
import { AGENT_REPORT_GRACE_MS, sendOrFind } from "../shared/command/send-or-find.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import { commandLines, studioForm } from "./studio-form.ts";

/** The ids of a Studio run, on the message and in the record. */
export interface StudioIds {
  readonly engine: "studio";
  readonly datasetName: string;
  /** Of the Studio run. */
  readonly runId: string;
  /** The S3 folder that has the folder of the run. */
  readonly output: string;
  readonly commandId: string;
  readonly instanceId: string;
}

/** The command of a Studio run, without its errors. */
export type StudioCommand = Pick<
  FollowedCommand,
  "ssm" | "commandId" | "instanceIds" | "script" | "timeoutMs" | "sentMs"
>;

/** Its name in errors. */
const SCRIPT = "LightlyStudio";
/** How long the instance may take to receive the command. */
const DELIVERY_SECONDS = 600;

/**
 * Sends the command of the form, or finds the one that an earlier attempt has sent.
 *
 * @throws PipelineError the errors of {@link studioForm} and of `sendScript`
 */
export async function startStudio(
  ssm: SSMClient,
  context: StepContext,
): Promise<{ readonly command: StudioCommand; readonly ids: StudioIds }> {
  const { signal, status, inputs } = context;
  // The whole form is read before anything is sent, because a step that fails later leaves its command running.
  const { timeoutMs } = await inputs.read(fields, "timeoutHours");
  const form = await studioForm(context);
  if (idOf(context.checkpoint, "commandId") === undefined) {
    context.throwIfSkipped([form.instanceId]);
  }
  status.show("working", "sending");
  const { dataset: datasetName, runId, output } = form.request;
  const executionTimeoutSeconds = Math.round(timeoutMs / 1000);
  const request = {
    ssm,
    instanceIds: [form.instanceId],
    script: SCRIPT,
    lines: await commandLines(form),
    executionTimeoutSeconds,
    deliveryTimeoutSeconds: DELIVERY_SECONDS,
    comment: `node-red run ${context.runId}`.slice(0, 100),
    signal,
  };
  const sent = await sendOrFind(request, context, { datasetName, output, studioRunId: runId });
  status.show("working", "running");
  // The form may have changed since the command was sent.
  const known = (name: string, otherwise: string): string => idOf(context.checkpoint, name) ?? otherwise;
  return {
    command: {
      ssm,
      ...sent,
      script: SCRIPT,
      timeoutMs: (executionTimeoutSeconds + DELIVERY_SECONDS) * 1000 + AGENT_REPORT_GRACE_MS,
    },
    ids: {
      engine: "studio",
      datasetName: known("datasetName", datasetName),
      runId: known("studioRunId", runId),
      output: known("output", output),
      commandId: sent.commandId,
      instanceId: sent.instanceIds[0] ?? form.instanceId,
    },
  };
}
