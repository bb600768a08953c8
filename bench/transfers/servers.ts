import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority } from "../../test/support/certificates.ts";
import type { Bench } from "../benchmark.ts";

/** Files of a key and of certificates for `localhost`. */
export interface Certificates {
  readonly key: string;
  readonly cert: string;
  /** Of the authority, which the clients must trust. */
  readonly ca: string;
}

export async function makeCertificates({ folder }: Bench): Promise<Certificates> {
  const authority = await createAuthority("Benchmark CA");
  const { key, cert } = await authority.issue(["localhost"]);
  const files = { key: join(folder, "key.pem"), cert: join(folder, "cert.pem"), ca: join(folder, "ca.pem") };
  await Promise.all([writeFile(files.key, key), writeFile(files.cert, cert), writeFile(files.ca, authority.cert)]);
  return files;
}

/** Starts a server of this folder in a process of its own, over https if there are certificates, and returns its address. */
export async function startServer(
  bench: Bench,
  program: "byte-server.ts" | "discarding-store.ts",
  certificates?: Certificates,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const args = certificates === undefined ? [] : [certificates.key, certificates.cert];
  const child = fork(join(import.meta.dirname, program), args, { env: { ...process.env, ...settings } });
  bench.defer(() => child.kill());
  const [{ port }] = (await once(child, "message", { signal: bench.signal })) as [{ port: number }];
  return certificates === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
}

/** The environment of clients of the store without storage, over TLS if there are certificates. */
export async function discardingStore(
  bench: Bench,
  certificates?: Certificates,
  settings: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: await startServer(bench, "discarding-store.ts", certificates, settings),
    ...(certificates && { AWS_CA_BUNDLE: certificates.ca }),
    AWS_ACCESS_KEY_ID: "AKIDBENCH",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    PIPELINE_INPUT_BUCKET: "discarded",
  };
}
