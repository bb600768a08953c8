import { createHmac } from "node:crypto";
import { isSame } from "../is-same.ts";

export interface Claims {
  /** The scope of the token, e.g. `dataset/<id>`. */
  readonly scope: string;
  /** Seconds since the epoch; absent: never expires, as for redirected read URLs. */
  readonly exp?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const sign = (key: Buffer, text: string): string => createHmac("sha256", key).update(text).digest("base64url");

/** Signs a token for links without the API token: a JWT (HS256) that only this sandbox can sign and verify. */
export function signPublicToken(key: Buffer, claims: Claims): string {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${sign(key, text)}`;
}

/** Whether a token is authentic, not expired, and has exactly this scope. */
export function opens(key: Buffer, token: string, scope: string, nowMs: number): boolean {
  const [header = "", payload = "", signature = ""] = token.split(".");
  if (!isSame(signature, sign(key, `${header}.${payload}`))) {
    return false;
  }
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
  return claims.scope === scope && (claims.exp === undefined || claims.exp * 1000 > nowMs);
}
