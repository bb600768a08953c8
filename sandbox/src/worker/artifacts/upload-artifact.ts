import type { LightlyApi } from "../lightly-api.ts";
import { putBytes } from "../register-samples.ts";
import type { RunProgress } from "../run-progress.ts";

/** A file of a run that clients can download. */
export interface ArtifactFile {
  readonly fileName: string;
  /** The artifact type of Lightly's API. */
  readonly type:
    | "LOG"
    | "MEMLOG"
    | "REPORT_PDF"
    | "REPORT_JSON"
    | "REPORT_V2_JSON"
    | "CORRUPTNESS_CHECK_INFORMATION"
    | "SEQUENCE_INFORMATION";
  readonly contentType: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

export const textFile = (type: ArtifactFile["type"], fileName: string, text: string): ArtifactFile => ({
  ...{ fileName, type, contentType: "text/plain; charset=utf-8", bytes: Buffer.from(text) },
});

export const jsonFile = (type: ArtifactFile["type"], fileName: string, value: unknown): ArtifactFile => ({
  ...{ fileName, type, contentType: "application/json", bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) },
});

/** Uploads an artifact of a run to the LIGHTLY datasource. */
export async function uploadArtifact(
  api: LightlyApi,
  runId: string,
  { fileName, type, contentType, bytes }: ArtifactFile,
  signal: AbortSignal,
): Promise<void> {
  const path = `/v1/docker/runs/${runId}/artifacts`;
  const { signedWriteUrl, artifactId } = await api<{ signedWriteUrl: string; artifactId: string }>("POST", path, {
    body: { fileName, type, storageLocation: "DATASOURCE" },
    signal,
  });
  await putBytes(signedWriteUrl, bytes, contentType, fileName, signal);
  await api("PUT", `${path}/${artifactId}/confirmUpload`, { signal });
}

/** Uploads the log of a run up to now. */
export function uploadLog(api: LightlyApi, runId: string, progress: RunProgress, signal: AbortSignal): Promise<void> {
  return uploadArtifact(api, runId, textFile("LOG", "log.txt", `${progress.lines().join("\n")}\n`), signal);
}
