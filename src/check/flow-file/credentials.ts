import { createDecipheriv, createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The credentials of nodes, by their ids. */
export type Credentials = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads the credentials that Node-RED stores beside a flow file, as Node-RED encrypts them: AES-256-CTR with the SHA-256 of a secret.
 *
 * The secret is that of `NODE_RED_CREDENTIAL_SECRET`, or the one that Node-RED has generated. One in `settings.js` is not read, because
 * that would run the file.
 *
 * @returns undefined if they are encrypted with another secret; empty if there are none
 */
export async function readCredentials(flowFile: string): Promise<Credentials | undefined> {
  const path = join(dirname(flowFile), `${basename(flowFile, ".json")}_cred.json`);
  const stored = await readJson(path);
  if (stored === undefined) {
    return {};
  }
  if (typeof stored.$ !== "string") {
    return stored as Credentials;
  }
  const generated = await generatedSecret(dirname(flowFile));
  for (const secret of [process.env.NODE_RED_CREDENTIAL_SECRET, generated]) {
    const found = secret ? decrypt(stored.$, secret) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

async function generatedSecret(folder: string): Promise<string | undefined> {
  const { _credentialSecret } = (await readJson(join(folder, ".config.runtime.json"))) ?? {};
  return typeof _credentialSecret === "string" ? _credentialSecret : undefined;
}

/** The first 32 hexadecimal digits are the initialization vector. */
function decrypt(text: string, secret: string): Credentials | undefined {
  try {
    const key = createHash("sha256").update(secret).digest();
    const decipher = createDecipheriv("aes-256-ctr", key, Buffer.from(text.slice(0, 32), "hex"));
    return JSON.parse(decipher.update(text.slice(32), "base64", "utf8") + decipher.final("utf8"));
  } catch {
    return undefined;
  }
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  try {
    return text === undefined ? undefined : Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}
