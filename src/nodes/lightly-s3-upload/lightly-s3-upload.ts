import { randomUUID } from "node:crypto";
import type { Step } from "../../runs/steps/step.ts";
import type { UploadObjectOptions } from "../../services/s3/upload/upload-object.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/account.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import { idOf } from "../shared/checkpoint.ts";
import { pairs } from "../shared/form-values.ts";
import type { Inputs } from "../shared/inputs.ts";
import type { Message, Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step-node.ts";
import type { StepContext } from "../shared/step-options.ts";
import { reportTransfer } from "../shared/transfer-status.ts";
import { basenameOf, sourceOf } from "./source.ts";

export default function s3Upload(red: NodeAPI): void {
  red.nodes.registerType("lightly-s3-upload", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    stepNode(red, this, def, {
      handle: (context) => upload(red, def, context),
      takeBack: (context) => takeBack(red, def, context),
    });
  });
}

async function upload(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const source = await sourceOf(red, inputs, msg);
  const { uploadObject } = await import("../../services/s3/upload/upload-object.ts");
  const { objectKey } = await import("../../services/s3/object-key.ts");
  const earlier = earlierUpload(step);
  const { bucket, key, marker } = earlier ?? {
    bucket: await inputs.text("bucket"),
    key: objectKey({
      prefix: (await inputs.optionalText("prefix")) ?? "",
      basename: basenameOf(source),
      runId: step.runId,
      template: await inputs.optionalText("key"),
    }),
    marker: randomUUID(),
  };
  const options = await storageOptions(inputs, def, msg);
  await step.intend({ bucket, key, marker });
  const s3 = await uploadObject({
    s3: await clients.s3(),
    bucket,
    key,
    source,
    ...options,
    marker,
    resume: earlier?.resume,
    isPaused: () => step.isClosed,
    onUpload: (uploadId) => step.checkpoint({ uploadId }),
    signal,
    onProgress: reportTransfer(context, "uploading"),
  });
  msg.s3 = s3;
  msg.payload = s3.uri;
  status.show("done", "done");
  send(msg);
  return { s3 };
}

/** The upload that the step started before it was interrupted or failed. */
function earlierUpload({ checkpointed, record }: Step) {
  const [bucket, key, marker, uploadId] = ["bucket", "key", "marker", "uploadId"].map((name) =>
    idOf(checkpointed, name),
  );
  if (bucket === undefined || key === undefined || marker === undefined) {
    return undefined;
  }
  return { bucket, key, marker, resume: { since: record.startedAt, uploadId } };
}

/** Removes the parts of an upload whose run ended while this node did not run. A finished object stays. */
async function takeBack(red: NodeAPI, def: StepDef, { step, warn }: StepContext): Promise<void> {
  const earlier = earlierUpload(step);
  if (earlier) {
    const s3 = await (await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients()).s3();
    const { discardInterrupted } = await import("../../services/s3/upload/upload-object.ts");
    if (!(await discardInterrupted({ s3, ...earlier, ...earlier.resume }))) {
      warn(`Parts of an unfinished upload may be left at s3://${earlier.bucket}/${earlier.key}.`);
    }
  }
}

type StorageOptions = Omit<UploadObjectOptions, "s3" | "bucket" | "key" | "source" | "signal" | "clock" | "onProgress">;

async function storageOptions(inputs: Inputs, def: StepDef, msg: Message): Promise<StorageOptions> {
  const partSizeMib = await inputs.optionalNumber("partSizeMib", { min: 5, max: 5120 });
  return {
    ifExists: await inputs.choice("ifExists", ["refuse", "overwrite"]),
    tags: pairs(def.tags, "tags"),
    contentType: await inputs.optionalText("contentType"),
    storageClass: await inputs.optionalText("storageClass"),
    encryption: await encryptionOf(inputs),
    partSizeBytes: partSizeMib === undefined ? undefined : partSizeMib * 2 ** 20,
    metadata: credits(msg),
  };
}

async function encryptionOf(inputs: Inputs): Promise<UploadObjectOptions["encryption"]> {
  const algorithm = await inputs.choice("encryption", ["", "AES256", "aws:kms"]);
  if (algorithm === "aws:kms") {
    return { algorithm, keyId: await inputs.optionalText("kmsKeyId") };
  }
  return algorithm === "" ? undefined : { algorithm };
}

/** Pexels asks that the author and the page of a video stay with it. */
function credits({ pexels }: Message): Record<string, string> | undefined {
  const video = pexels as { id?: unknown; author?: unknown; pageUrl?: unknown } | undefined;
  if (typeof video !== "object" || video === null || video.id === undefined) {
    return undefined;
  }
  return { "pexels-id": String(video.id), author: String(video.author ?? ""), "page-url": String(video.pageUrl ?? "") };
}
