import { equal, ok } from "node:assert/strict";
import { type CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { HttpResponse } from "@smithy/core/protocols";
import { CompleteMultipartUploadCommand } from "../../../../src/sdk/s3.ts";
import { completeCommand } from "../../../../src/services/s3/upload/part-list.ts";

describe("the list of parts that completes an upload", () => {
  interface Sent {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  /** What reaches the connection. */
  const sentBy = async (command: CompleteMultipartUploadCommand): Promise<Sent> => {
    const sent: Sent[] = [];
    const s3 = new S3Client({
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      requestHandler: {
        handle: async ({ body, headers }: { body: Uint8Array | string; headers: Record<string, string> }) => {
          sent.push({ body: Buffer.from(body as string).toString(), headers });
          return { response: new HttpResponse({ statusCode: 200, body: Buffer.from("<R><ETag>1</ETag></R>") }) };
        },
      } as never,
    });
    await s3.send(command);
    const [first] = sent;
    ok(first);
    return first;
  };
  const inputOf = (Parts: CompletedPart[]) => ({
    ...{ Bucket: "videos", Key: "a & b.mp4", UploadId: "id", MpuObjectSize: 12, IfNoneMatch: "*" },
    MultipartUpload: { Parts },
  });

  for (const [what, parts] of [
    ["one part", [{ PartNumber: 1, ETag: '"d41d8cd98f00b204e9800998ecf8427e"', ChecksumCRC32: "AAAAAA==" }]],
    ["the last number", [{ PartNumber: 10_000, ETag: '"e"', ChecksumCRC32: "/+8=" }]],
    ["parts of a store without checksums", [1, 2, 3].map((PartNumber) => ({ PartNumber, ETag: `"${PartNumber}"` }))],
    ["an ETag with characters of XML", [{ PartNumber: 1, ETag: `"<a>&amp;'\u00e4` }]],
  ] as const) {
    it(`is that of the SDK for ${what}`, async () => {
      const bySdk = await sentBy(new CompleteMultipartUploadCommand(inputOf([...parts])));
      const ours = await sentBy(completeCommand(inputOf([...parts])));
      equal(ours.body, bySdk.body);
      for (const name of ["content-type", "content-length", "x-amz-mp-object-size", "if-none-match"]) {
        equal(ours.headers[name], bySdk.headers[name], name);
      }
    });
  }
});
