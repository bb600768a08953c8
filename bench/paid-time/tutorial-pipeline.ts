import { setTimeout as pause } from "node:timers/promises";
import { StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import type { Bench } from "../benchmark.ts";
import { directClients, downloadVideo, type Environment, scheduleSelection } from "../orchestration/direct-pipeline.ts";

/** The waits of the tutorial's code, in milliseconds. */
const AFTER_START = 20_000;
const AFTER_SEND = 10_000;
const BETWEEN_POLLS = 30_000;

/**
 * The requests and the waits of the tutorial's Dagster job, whose two branches run at the same time: 20 s after the start of the instance it
 * sends the script, and every 30 s it asks whether the selection is done. Unlike the original, it really stops the instance.
 */
export async function tutorialPipeline({ signal }: Bench, environment: Environment): Promise<void> {
  const of = (name: string): string => environment[name] ?? "";
  const InstanceId = of("PIPELINE_INSTANCE_ID");
  const instance = { InstanceIds: [InstanceId] };
  const { s3, ec2, ssm } = directClients(environment);

  const runWorker = async (): Promise<void> => {
    const video = await downloadVideo(environment, signal);
    const Key = `${of("PIPELINE_INPUT_PREFIX")}/${Date.now()}.mp4`;
    await s3.send(new PutObjectCommand({ Bucket: of("PIPELINE_INPUT_BUCKET"), Key, Body: video }));
    await ec2.send(new StartInstancesCommand(instance));
    await pause(AFTER_START, undefined, { signal });
    const Parameters = { commands: [`sh ${of("PIPELINE_SCRIPT")}`] };
    const { Command } = await ssm.send(
      new SendCommandCommand({ ...instance, DocumentName: "AWS-RunShellScript", Parameters }),
    );
    await pause(AFTER_SEND, undefined, { signal });
    await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
  };
  const select = async (): Promise<void> => {
    const { isCompleted } = await scheduleSelection(environment, signal, "tutorial");
    while (!(await isCompleted())) {
      await pause(BETWEEN_POLLS, undefined, { signal });
    }
  };
  await Promise.all([runWorker(), select()]);
  await ec2.send(new StopInstancesCommand(instance));
  for (const client of [s3, ec2, ssm]) {
    client.destroy();
  }
}
