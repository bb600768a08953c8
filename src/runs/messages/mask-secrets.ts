import { redact } from "../../errors/redact.ts";

/** What stands where a secret stood. */
export const MASK = "***";

const SECRET_NAMES =
  "token|secret|passw|passphrase|authorization|credential|cookie|api_?-?key|private_?-?key|signature";
const SECRET_KEY = new RegExp(`${SECRET_NAMES}|^auth$|^pwd$`, "i");
/** `Bearer ...` and `Basic ...`, wherever a header's value ended up. */
const SCHEMES = /\b(Bearer|Basic)[ \t]+[\w.~+/=-]{6,}/gi;
/** `"token": "..."` of JSON inside a text. Bounded, so that no text is slow. */
const JSON_MEMBERS = new RegExp(
  `("[\\w.-]{0,40}(?:${SECRET_NAMES})[\\w.-]{0,40}\\\\?"\\s{0,5}:\\s{0,5}\\\\?")[^"\\\\]*`,
  "gi",
);
/** `password: ...` of YAML or prose. */
const YAML_MEMBERS = /(\b[\w-]{0,40}(?:token|secret|password|passwd)[\w-]{0,20}:[ \t]+)[^\s"'{}[\],]+/gi;
/** `--token ...` of a command line. */
const OPTIONS = /(--?[\w-]{0,40}(?:token|secret|password|passwd|api-?key)[\w-]{0,20}[ \t]+)[^\s-]\S*/gi;
const WEB_TOKENS = /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g;
const PRIVATE_KEYS = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;

/** Whether a value of this name is likely to be a secret. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/**
 * Masks what is secret in a text that goes to the disk. Stricter than {@link redact}, which has to leave a message readable: here a
 * word too many is no loss.
 */
export function maskSecrets(text: string): string {
  return redact(text)
    .replace(PRIVATE_KEYS, MASK)
    .replace(SCHEMES, `$1 ${MASK}`)
    .replace(JSON_MEMBERS, `$1${MASK}`)
    .replace(YAML_MEMBERS, `$1${MASK}`)
    .replace(OPTIONS, `$1${MASK}`)
    .replace(WEB_TOKENS, MASK);
}
