import { createHmac } from "node:crypto";
import { isSame } from "../is-same.ts";

export interface Claims {
  /** What the token opens, e.g. `dataset/<id>`. */
  readonly scope: string;
  /** Seconds since the epoch; absent: for ever, as redirected read URLs are. */
  readonly exp?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const sign = (key: Buffer, text: string): string => createHmac("sha256", key).update(text).digest("base64url");

/** A token for links that carry no API token: a JWT (HS256) that only this sandbox can make and read. */
export function signPublicToken(key: Buffer, claims: Claims): string {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${sign(key, text)}`;
}

/** Whether a token is ours, still valid, and opens exactly this. */
export function opens(key: Buffer, token: string, scope: string, nowMs: number): boolean {
  const [header = "", payload = "", signature = ""] = token.split(".");
  if (!isSame(signature, sign(key, `${header}.${payload}`))) {
    return false;
  }
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
  return claims.scope === scope && (claims.exp === undefined || claims.exp * 1000 > nowMs);
}
