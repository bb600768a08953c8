import { redact } from "../errors/redact.ts";

/** What stands where a secret stood. */
export const MASK = "***";

const SECRET_NAMES =
  "token|secret|passw|passphrase|authorization|credential|cookie|api_?-?key|private_?-?key|signature";
const SECRET_KEY = new RegExp(`${SECRET_NAMES}|^auth$|^pwd$`, "i");
// Each pattern takes time that grows with the text and no faster: see redact.ts.
/** `Bearer ...` and `Basic ...`, wherever a header's value ended up. */
const SCHEMES = /\b(Bearer|Basic)[ \t]+[\w.~+/=-]{6,}/gi;
/** `"token": "..."` of JSON inside a text. */
const JSON_MEMBERS = new RegExp(
  `("(?=[\\w.-]*(?:${SECRET_NAMES}))[\\w.-]+\\\\?"\\s{0,5}:\\s{0,5}\\\\?")[^"\\\\]*`,
  "gi",
);
/** `password: ...` of YAML, of prose, or of an object as Node.js prints it. */
const YAML_MEMBERS = /((?<![\w-])(?=[\w-]*(?:token|secret|passw|api_?key))[\w-]+:[ \t]+["']?)[^\s"'{}[\],]+/gi;
/** `--token ...` of a command line. */
const OPTIONS = /((?<![\w-])(?=\w*-[\w-]*(?:token|secret|passw|api-?key))[\w-]+[ \t]+)[^\s-]\S*/gi;
/** Three parts of a web token; what comes before it in the same word goes too. */
const WEB_TOKENS = /(?<![\w-])(?=[\w-]*eyJ[\w-]{10})[\w-]+\.[\w-]{10,}\.[\w-]*/g;
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
