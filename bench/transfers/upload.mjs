/**
 * Uploads a file or a URL as the `lightly-s3-upload` node does, without Node-RED. Arguments: bucket, key, path or URL. Prints the seconds of the
 * transfer, and the processor seconds and the peak memory of the process. JavaScript, and with the package as it is published, because types
 * would have to be stripped, which takes a tenth of a second of the processor for this file alone.
 */
import { AwsClients } from "../../dist/services/aws/clients/aws-clients.js";
import { uploadObject } from "../../dist/services/s3/upload/upload-object.js";

const [bucket = "", key = "", from = ""] = process.argv.slice(2);
const clients = new AwsClients({ credentials: { source: { kind: "chain" } } });
const s3 = await clients.s3();
const isUrl = /^https?:/.test(from);
const addresses = { allow: isUrl ? [new URL(from).host] : [], through: await clients.connections() };
const startedAt = performance.now();
await uploadObject({
  s3,
  bucket,
  key,
  source: isUrl ? { url: from, isLarge: true, addresses } : { path: from },
  ifExists: "overwrite",
  signal: new AbortController().signal,
});
const seconds = (performance.now() - startedAt) / 1000;
await clients.destroy();
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMib: process.resourceUsage().maxRSS / 1024 }),
);
