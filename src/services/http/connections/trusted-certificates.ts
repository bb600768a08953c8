import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from "node:tls";
import { PipelineError } from "../../../errors/pipeline-error.ts";

/** A file with CA certificates. */
export interface CaFile {
  readonly path: string;
  /** Where the file is set, as part of a sentence: `AWS_CA_BUNDLE`. */
  readonly setBy: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads a CA file, whose certificates are trusted in addition to those of Node.js.
 *
 * @returns a function that creates the TLS context on its first call, because that takes tens of milliseconds
 * @throws PipelineError `INPUT_INVALID`
 */
export async function trustCertificates(file: CaFile): Promise<() => SecureContext> {
  const added = await readCertificates(file);
  let context: SecureContext | undefined;
  return () => {
    context ??= createSecureContext({ ca: [...defaultCertificates(), ...added] });
    return context;
  };
}

async function readCertificates({ path, setBy }: CaFile): Promise<string[]> {
  const refuse = (what: string): never => {
    throw new PipelineError("INPUT_INVALID", `The CA file ${path} (${setBy}) ${what}.`, { details: { path } });
  };
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) =>
    refuse(`can't be read (${error.code}). Check its path, and whether the user of Node-RED may read it`),
  );
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    refuse(
      "has no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----. Convert it: openssl x509 -inform der -in FILE -out FILE.pem",
    );
  }
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch {
      refuse("has a certificate that is damaged. Export it again");
    }
  }
  return certificates;
}

/** The certificates of Node.js and NODE_EXTRA_CA_CERTS. A TLS context with own certificates does not include them by itself. */
function defaultCertificates(): readonly string[] {
  return getCACertificates?.("default") ?? [...rootCertificates, ...extraCertificates()];
}

/** For Node.js before 22.15. */
function extraCertificates(): readonly string[] {
  const { NODE_EXTRA_CA_CERTS: path } = process.env;
  try {
    return path ? (readFileSync(path, "utf8").match(CERTIFICATE) ?? []) : [];
  } catch {
    // Node.js has printed a warning at its start.
    return [];
  }
}
