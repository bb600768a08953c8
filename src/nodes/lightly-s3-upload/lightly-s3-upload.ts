import { randomUUID } from "node:crypto";
import type { objectKey } from "../../services/s3/object-key.ts";
import type { UploadObjectOptions } from "../../services/s3/upload/upload-object.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { reportTransfer } from "../shared/step/transfer-status.ts";
import { fields } from "./fields.ts";
import { basenameOf, sourceOf } from "./source.ts";

export default function s3Upload(red: NodeAPI): void {
  red.nodes.registerType("lightly-s3-upload", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    stepNode(red, this, def, {
      role: "upload",
      handle: (context) => upload(red, def, context),
      undo: (context) => undo(red, def, context),
    });
  });
}

async function upload(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, send, signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const source = await sourceOf(red, inputs, msg);
  const { uploadObject } = await import("../../services/s3/upload/upload-object.ts");
  const { objectKey: makeKey } = await import("../../services/s3/object-key.ts");
  const earlier = earlierUpload(context);
  const { bucket, key, marker } = earlier ?? (await newDestination(context, basenameOf(source), makeKey));
  const options = await storageOptions(inputs, msg);
  await context.saveIntent({ bucket, key, marker });
  const s3 = await uploadObject({
    s3: await clients.s3(),
    bucket,
    key,
    source,
    ...options,
    marker,
    resume: earlier?.resume,
    isPaused: () => context.isClosed,
    onUpload: (uploadId) => context.saveCheckpoint({ uploadId }),
    signal,
    onProgress: reportTransfer(context, "uploading"),
  });
  msg.s3 = s3;
  msg.payload = s3.uri;
  status.show("done", "done");
  send(msg);
  return { s3 };
}

/** Creates the key of a new object, and the marker that identifies its writer. */
async function newDestination({ inputs, runId }: StepContext, basename: string, makeKey: typeof objectKey) {
  const { bucket, prefix = "", key: template } = await inputs.read(fields, "bucket", "prefix", "key");
  return { bucket, key: makeKey({ prefix, basename, runId, template }), marker: randomUUID() };
}

/** Returns the upload that an earlier attempt has started. */
function earlierUpload({ checkpoint, startedAt }: StepContext) {
  const [bucket, key, marker, uploadId] = ["bucket", "key", "marker", "uploadId"].map((name) => idOf(checkpoint, name));
  if (bucket === undefined || key === undefined || marker === undefined) {
    return undefined;
  }
  return { bucket, key, marker, resume: { since: startedAt, uploadId } };
}

/** Removes the parts of an incomplete upload of a run that has ended. A complete object stays. */
async function undo(red: NodeAPI, def: StepDef, context: StepContext): Promise<void> {
  const earlier = earlierUpload(context);
  if (earlier) {
    const s3 = await (await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients()).s3();
    const { discardInterrupted } = await import("../../services/s3/upload/upload-object.ts");
    if (!(await discardInterrupted({ s3, ...earlier, ...earlier.resume }))) {
      context.warn(`Parts of an incomplete upload may remain at s3://${earlier.bucket}/${earlier.key}.`);
    }
  }
}

type StorageOptions = Omit<UploadObjectOptions, "s3" | "bucket" | "key" | "source" | "signal" | "clock" | "onProgress">;

async function storageOptions(inputs: Inputs, msg: Message): Promise<StorageOptions> {
  const { storageClass, ...options } = await inputs.read(
    fields,
    "ifExists",
    "tags",
    "contentType",
    "storageClass",
    "partSizeMib",
  );
  return {
    ...options,
    storageClass: storageClass || undefined,
    encryption: await encryptionOf(inputs),
    metadata: credits(msg),
  };
}

async function encryptionOf(inputs: Inputs): Promise<UploadObjectOptions["encryption"]> {
  const { encryption: algorithm, kmsKeyId: keyId } = await inputs.read(fields, "encryption", "kmsKeyId");
  if (algorithm === "aws:kms") {
    return { algorithm, keyId };
  }
  return algorithm === "" ? undefined : { algorithm };
}

/** Pexels requires that the author and the page of a video are credited. */
function credits({ pexels }: Message): Record<string, string> | undefined {
  const video = pexels as { id?: unknown; author?: unknown; pageUrl?: unknown } | undefined;
  if (typeof video !== "object" || video === null || video.id === undefined) {
    return undefined;
  }
  return { "pexels-id": String(video.id), author: String(video.author ?? ""), "page-url": String(video.pageUrl ?? "") };
}
