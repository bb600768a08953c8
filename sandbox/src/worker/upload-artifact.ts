import type { LightlyApi } from "./lightly-api.ts";
import { putBytes } from "./register-samples.ts";

/** Uploads a string as an artifact of a run to the LIGHTLY datasource. */
export async function uploadArtifact(
  api: LightlyApi,
  runId: string,
  artifact: { fileName: string; type: "REPORT_V2_JSON" | "LOG"; contentType: string; text: string },
  signal: AbortSignal,
): Promise<void> {
  const { fileName, type, contentType, text } = artifact;
  const path = `/v1/docker/runs/${runId}/artifacts`;
  const { signedWriteUrl, artifactId } = await api<{ signedWriteUrl: string; artifactId: string }>("POST", path, {
    body: { fileName, type, storageLocation: "DATASOURCE" },
  });
  await putBytes(signedWriteUrl, Buffer.from(text), contentType, fileName, signal);
  await api("PUT", `${path}/${artifactId}/confirmUpload`);
}
