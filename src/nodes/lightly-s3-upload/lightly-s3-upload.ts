import { randomUUID } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { formatBytes } from "../../records/progress.ts";
import type { UploadObjectOptions } from "../../services/s3/upload/upload-object.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { reportRegion } from "../shared/report-region.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { reportTransfer } from "../shared/step/transfer-status.ts";
import { fields } from "./fields.ts";
import { basenameOf, sourceOf } from "./source.ts";

type ObjectKeys = typeof import("../../services/s3/object-key.ts");

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
  const client = await clients.s3();
  const paying = await clientFor(client, inputs);
  const source = await sourceOf(red, context, clients, paying);
  const { uploadObject } = await import("../../services/s3/upload/upload-object.ts");
  const keys = await import("../../services/s3/object-key.ts");
  const earlier = earlierUpload(context);
  const { bucket, key, folder, marker } = earlier ?? (await newDestination(context, basenameOf(source), keys));
  const options = await storageOptions(inputs, msg);
  await context.saveIntent({ bucket, key, folder, marker });
  const s3 = await uploadObject({
    s3: paying,
    bucket,
    key,
    folder,
    source,
    ...options,
    marker,
    resume: earlier?.resume,
    isPaused: () => context.isClosed,
    onUpload: (uploadId) => context.saveCheckpoint({ uploadId }),
    signal,
    onProgress: reportTransfer(context, "uploading"),
  }).finally(async () => {
    for (const name of new Set([bucket, ...("object" in source ? [source.object.bucket] : [])])) {
      await reportRegion(context.warn, client, name);
    }
  });
  msg.s3 = s3;
  msg.payload = s3.uri;
  status.show("done", "done", { size: formatBytes(s3.bytes) });
  send(msg);
  return { s3 };
}

/** Creates the key of a new object, and the marker that identifies its writer. */
async function newDestination({ inputs, runId }: StepContext, basename: string, keys: ObjectKeys) {
  const { bucket, prefix = "", key: template } = await inputs.read(fields, "bucket", "prefix", "key");
  return {
    bucket,
    key: keys.objectKey({ prefix, basename, runId, template }),
    folder: keys.commonFolder({ prefix, template }),
    marker: randomUUID(),
  };
}

/** Returns the upload that an earlier attempt has started. */
function earlierUpload({ checkpoint, startedAt }: StepContext) {
  const names = ["bucket", "key", "folder", "marker", "uploadId"];
  const [bucket, key, folder, marker, uploadId] = names.map((name) => idOf(checkpoint, name));
  if (bucket === undefined || key === undefined || marker === undefined) {
    return undefined;
  }
  return { bucket, key, folder, marker, resume: { since: startedAt, uploadId } };
}

/** Removes the parts of an incomplete upload of a run that has ended. A complete object stays. */
async function undo(red: NodeAPI, def: StepDef, context: StepContext): Promise<void> {
  const earlier = earlierUpload(context);
  if (earlier) {
    const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
    const s3 = await clientFor(await clients.s3(), context.inputs);
    const { discardInterrupted } = await import("../../services/s3/upload/upload-object.ts");
    if (!(await discardInterrupted({ s3, ...earlier, ...earlier.resume }))) {
      context.warn(`Parts of an incomplete upload may remain at s3://${earlier.bucket}/${earlier.key}.`);
    }
  }
}

/** The client of the account, which pays for the requests if the form says so. */
async function clientFor(s3: S3Client, inputs: Inputs): Promise<S3Client> {
  const { requestPayer } = await inputs.read(fields, "requestPayer");
  const { payingClient } = await import("../../services/s3/client/requester-pays.ts");
  return requestPayer ? payingClient(s3) : s3;
}

type StorageOptions = Omit<UploadObjectOptions, "s3" | "bucket" | "key" | "source" | "signal" | "clock" | "onProgress">;

async function storageOptions(inputs: Inputs, msg: Message): Promise<StorageOptions> {
  const { storageClass, acl, metadata, ...options } = await inputs.read(
    fields,
    "ifExists",
    "tags",
    "contentType",
    "cacheControl",
    "contentDisposition",
    "acl",
    "storageClass",
    "partSizeMib",
    "metadata",
  );
  return {
    ...options,
    acl: acl || undefined,
    storageClass: storageClass || undefined,
    encryption: await encryptionOf(inputs),
    metadata: { ...credits(msg), ...metadata },
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
