import { redact } from "../errors/redact.ts";

/** The replacement of a secret. */
export const MASK = "***";

const SECRET_NAMES =
  "token|secret|passw|passphrase|authorization|credential|cookie|api_?-?key|private_?-?key|signature";
const SECRET_KEY = new RegExp(`${SECRET_NAMES}|^auth$|^pwd$`, "i");
// Each pattern takes time in proportion to the length of the text: see redact.ts.
/** `Bearer ...` and `Basic ...`: the value of a header, without its name. */
const SCHEMES = /\b(Bearer|Basic)[ \t]+[\w.~+/=-]{6,}/gi;
/** `"token": "..."` of JSON in a text. */
const JSON_MEMBERS = new RegExp(
  `("(?=[\\w.-]*(?:${SECRET_NAMES}))[\\w.-]+\\\\?"\\s{0,5}:\\s{0,5}\\\\?")[^"\\\\]*`,
  "gi",
);
/** `password: ...` of YAML, of prose, or of an object printed by Node.js. */
const YAML_MEMBERS = /((?<![\w-])(?=[\w-]*(?:token|secret|passw|api_?key))[\w-]+:[ \t]+["']?)[^\s"'{}[\],]+/gi;
/** `--token ...` of a command line. */
const OPTIONS = /((?<![\w-])(?=\w*-[\w-]*(?:token|secret|passw|api-?key))[\w-]+[ \t]+)[^\s-]\S*/gi;
/** The three parts of a JSON web token, and what precedes it in the same word. */
const WEB_TOKENS = /(?<![\w-])(?=[\w-]*eyJ[\w-]{10})[\w-]+\.[\w-]{10,}\.[\w-]*/g;
const PRIVATE_KEYS = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;

/** Whether a value with this name is probably a secret. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/**
 * Masks the secrets in a text that is written to disk. Stricter than {@link redact}, which must leave a message readable: here, masking
 * too much does no harm.
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
