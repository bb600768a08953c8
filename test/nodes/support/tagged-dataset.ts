import { randomBytes } from "node:crypto";
import type { Sandbox } from "lightly-aws-sandbox";

/** A dataset of the sandbox with a tag that contains some of its frames. */
export interface TaggedDataset {
  readonly datasetId: string;
  readonly tagId: string;
  readonly tag: string;
  /** The tagged frames, in the order of the tag. */
  readonly names: readonly string[];
  readonly bytes: ReadonlyMap<string, Buffer>;
}

export interface DatasetPlan {
  readonly name: string;
  /** The number of frames in the dataset. Every second one is in the tag, unless `tagged` is set. */
  readonly frames: number;
  readonly tagged?: (index: number) => boolean;
  readonly frameBytes?: number;
  /** Default: true. */
  readonly thumbnails?: boolean;
  readonly nameOf?: (index: number) => string;
  /** The run that has created the tag. */
  readonly runId?: string;
}

/** Creates what a worker creates at its end: samples, their pictures and thumbnails in the LIGHTLY bucket, and a tag. */
export async function makeTaggedDataset(sandbox: Sandbox, plan: DatasetPlan): Promise<TaggedDataset> {
  const {
    name,
    frames,
    tagged = (index) => index % 2 === 0,
    frameBytes = 200,
    nameOf = frameName,
    thumbnails = true,
  } = plan;
  const call = caller(sandbox);
  const { id: datasetId } = await call("POST", "/v1/datasets", { name, type: "Videos" });
  for (const [purpose, fullPath] of [
    ["INPUT", `s3://${sandbox.buckets.input}/videos/`],
    ["LIGHTLY", `s3://${sandbox.buckets.output}/${name}/`],
  ]) {
    await call("PUT", `/v1/datasets/${datasetId}/datasource`, {
      ...DATASOURCE,
      purpose,
      fullPath,
      s3Region: sandbox.region,
    });
  }
  const bytes = new Map<string, Buffer>();
  let mask = 0n;
  for (let index = 0; index < frames; index += 1) {
    const fileName = nameOf(index);
    const { sampleWriteUrls } = await call("POST", `/v1/datasets/${datasetId}/samples/withWriteUrls`, {
      fileName,
      metaData: { shape: [1080, 1920, 3] },
      videoFrameData: {
        sourceVideo: "cam/a.mp4",
        sourceVideoFrameIndex: index,
        sourceVideoFrameTimestamp: index / 10,
      },
    });
    if (tagged(index)) {
      mask |= 1n << BigInt(index);
      const picture = randomBytes(frameBytes);
      bytes.set(fileName, picture);
      await put(sampleWriteUrls.full, picture);
      if (thumbnails) {
        await put(sampleWriteUrls.thumb, Buffer.from(`thumbnail of ${fileName}`));
      }
    }
  }
  const tags = `/v1/datasets/${datasetId}/tags`;
  const { id: prevTagId } = await call("POST", `${tags}/initial`, { imgType: "full" });
  const tag = `selection of ${name}`;
  const { id: tagId } = await call("POST", tags, {
    name: tag,
    prevTagId,
    bitMaskData: `0x${mask.toString(16)}`,
    totSize: frames,
    ...(plan.runId === undefined ? {} : { runId: plan.runId }),
  });
  return { datasetId, tagId, tag, names: [...bytes.keys()], bytes };
}

/** The name that Lightly's worker gives to a frame. */
export function frameName(index: number): string {
  return `cam/a-${String(index).padStart(4, "0")}-mp4.png`;
}

const DATASOURCE = {
  type: "S3DelegatedAccess",
  thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]",
  s3ExternalId: "my-external-id-123",
  s3ARN: "arn:aws:iam::123456789012:role/LightlyAccess",
};

// biome-ignore lint/suspicious/noExplicitAny: a response of the sandbox, of which a test uses some members
type Call = (method: string, path: string, body: unknown) => Promise<any>;

function caller({ endpoints, token }: Sandbox): Call {
  return async (method, path, body) => {
    const response = await fetch(`${endpoints.lightly}${path}?token=${token}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text === "" ? undefined : JSON.parse(text);
  };
}

async function put(url: string, body: Buffer): Promise<void> {
  const response = await fetch(url, {
    method: "PUT",
    body: new Uint8Array(body),
    headers: { "content-type": "image/png" },
  });
  await response.body?.cancel();
  if (!response.ok) {
    throw new Error(`A picture could not be written: ${response.status}`);
  }
}
