import { generate } from "selfsigned";

/** A key and its certificate, in PEM format. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/** An authority of a test. */
export interface Authority extends Certified {
  /** A certificate for host names, by default for a day from now on. */
  issue(names: readonly string[], validUntil?: Date): Promise<Certified>;
}

const COMMON = { keyType: "ec", algorithm: "sha256" } as const;
const DAY_MS = 86_400_000;

/** Creates an authority whose certificate nothing trusts by itself. */
export async function createAuthority(name: string): Promise<Authority> {
  const authority = await generate([{ name: "commonName", value: name }], {
    ...COMMON,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  return {
    ...ca,
    issue: async (names, validUntil = new Date(Date.now() + DAY_MS)) => {
      const issued = await generate([{ name: "commonName", value: names[0] ?? "" }], {
        ...COMMON,
        ca,
        notBeforeDate: new Date(Math.min(Date.now(), validUntil.getTime()) - DAY_MS),
        notAfterDate: validUntil,
        extensions: [
          { name: "basicConstraints", cA: false },
          { name: "extKeyUsage", serverAuth: true },
          { name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) },
        ],
      });
      // Servers send the certificate of their authority, too.
      return { key: issued.private, cert: `${issued.cert}\n${ca.cert}` };
    },
  };
}
