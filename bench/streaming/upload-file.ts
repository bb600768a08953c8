/**
 * The peer: uploads one file with lib-storage's `Upload` and nothing else, as its documentation shows it.
 * Arguments: bucket, key, file, and optionally part size in bytes and number of concurrent parts. Prints milliseconds.
 */
import { createReadStream } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [bucket = "", key = "", file = "", partSize, queueSize] = process.argv.slice(2);
const client = new S3Client({ forcePathStyle: true });
const startedAt = performance.now();
await new Upload({
  client,
  params: { Bucket: bucket, Key: key, Body: createReadStream(file) },
  ...(partSize === undefined || queueSize === undefined
    ? {}
    : { partSize: Number(partSize), queueSize: Number(queueSize) }),
}).done();
console.log(performance.now() - startedAt);
client.destroy();
