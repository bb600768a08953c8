import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

/** Multipart uploads: listed, aborted, completed. */
export async function judgeMultipart({ tally, folder, sandbox }: Setup, cli: Cli): Promise<void> {
  const part = path.join(folder, "part.bin");
  await writeFile(part, Buffer.alloc(5 * 1024 * 1024, "part"));
  const target = ["--bucket", sandbox.buckets.input, "--key", "by hand.bin"];
  const begin = async (): Promise<string> =>
    (await cli.json<{ UploadId: string }>(["s3api", "create-multipart-upload", ...target])).UploadId;
  const send = async (uploadId: string, number: number): Promise<string> => {
    const args = ["s3api", "upload-part", ...target, "--upload-id", uploadId];
    return (await cli.json<{ ETag: string }>([...args, "--part-number", String(number), "--body", part])).ETag;
  };
  const uploads = async (): Promise<readonly { UploadId: string; Key: string }[]> => {
    const args = ["s3api", "list-multipart-uploads", "--bucket", sandbox.buckets.input];
    return (await cli.json<{ Uploads?: { UploadId: string; Key: string }[] }>(args)).Uploads ?? [];
  };

  await tally.check("an unfinished upload and its parts are listed", async () => {
    const uploadId = await begin();
    const etag = await send(uploadId, 2);
    assert.deepEqual(
      (await uploads()).map(({ UploadId, Key }) => [UploadId, Key]),
      [[uploadId, "by hand.bin"]],
    );
    const { Parts } = await cli.json<{ Parts: { PartNumber: number; ETag: string; Size: number }[] }>([
      ...["s3api", "list-parts", ...target, "--upload-id", uploadId],
    ]);
    assert.deepEqual(
      Parts.map(({ PartNumber, ETag, Size }) => [PartNumber, ETag, Size]),
      [[2, etag, 5 * 1024 * 1024]],
    );
    await cli.run(["s3api", "abort-multipart-upload", ...target, "--upload-id", uploadId]);
  });
  await tally.check("an aborted upload is no longer listed, and accepts no part", async () => {
    const uploadId = await begin();
    await cli.run(["s3api", "abort-multipart-upload", ...target, "--upload-id", uploadId]);
    assert.deepEqual(await uploads(), []);
    const args = ["s3api", "upload-part", ...target, "--upload-id", uploadId, "--part-number", "1", "--body", part];
    await cli.refused(args, "NoSuchUpload");
    await cli.refused(["s3api", "list-parts", ...target, "--upload-id", uploadId], "NoSuchUpload");
  });
  await tally.check("an upload is completed in the order of its part numbers", async () => {
    const uploadId = await begin();
    const parts = [];
    for (const PartNumber of [2, 1]) {
      parts.push({ PartNumber, ETag: await send(uploadId, PartNumber) });
    }
    const complete = (Parts: unknown): string[] => [
      ...["s3api", "complete-multipart-upload", ...target, "--upload-id", uploadId],
      ...["--multipart-upload", JSON.stringify({ Parts })],
    ];
    await cli.refused(complete(parts), "InvalidPartOrder");
    await cli.refused(complete([{ PartNumber: 1, ETag: "0".repeat(32) }]), "InvalidPart");
    const { ETag } = await cli.json<{ ETag: string }>(complete(parts.reverse()));
    assert.match(ETag, /-2"$/);
    await cli.run(["s3api", "delete-object", ...target]);
  });
}
