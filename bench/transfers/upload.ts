/**
 * Uploads a file or a URL as the `lightly-s3-upload` node does, without Node-RED. Arguments: bucket, key, path or URL. Prints the seconds of the
 * transfer, and the processor seconds and the peak memory of the process.
 */
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";

type Clients = typeof import("../../src/services/aws/clients/aws-clients.ts");
type Upload = typeof import("../../src/services/s3/upload/upload-object.ts");

// As it is published: to strip the types of the sources would take half a second of the processor.
const services = join(PACKAGE_ROOT, "dist", "services");
const { AwsClients }: Clients = await import(join(services, "aws", "clients", "aws-clients.js"));
const { uploadObject }: Upload = await import(join(services, "s3", "upload", "upload-object.js"));

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
