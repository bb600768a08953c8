// Each pattern takes time in proportion to the length of the string; test/errors/patterns.spec.ts checks them all. So a pattern of a name
// matches only at the start of a sequence of its characters, and the character after a repetition is never one that can be repeated.

const SECRET_PARAMETERS =
  /([?&](?:token|publicToken|api_?key|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|sig|AWSAccessKeyId)=)[^&#\s"']*/gi;
const CREDENTIALS_IN_URL = /(\bhttps?:\/\/)[^/\s@]+@/gi;
/** `LIGHTLY_TOKEN=...` in a shell trace or `docker run -e`, `--password=...`; quoted or not. */
const SECRET_ASSIGNMENTS =
  /(\b(?:[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY)(?:_[A-Z0-9_]{0,20})?|token|secret|password|api[_-]?key)=)(?:"[^"]*"|'[^']*'|[^\s"'&]+)/g;
/** Headers that authorize, or whose value is a key, such as the encryption key of an object in S3. */
const SECRET_HEADER_NAMES = [
  "(?:proxy-)?authorization",
  "(?:set-)?cookie",
  "x-api-key",
  "x-auth-token",
  "x-amz-security-token",
  "x-amz-(?:copy-source-)?server-side-encryption-customer-key",
].join("|");
/** A header line: `authorization: ...`. */
const SECRET_HEADERS = new RegExp(`(\\b(?:${SECRET_HEADER_NAMES}):[ \\t]*)[^\\s"'][^\\n"']*`, "gi");
/** The same headers in a dump: as JSON, as an array of names and values, or as an object printed by Node.js. */
const DUMPED_HEADERS = new RegExp(
  `((?:\\\\?["'](?:${SECRET_HEADER_NAMES})\\\\?["']\\s{0,5}[:,]|\\b(?:${SECRET_HEADER_NAMES}):)\\s{0,5}\\\\?["'[])(?:(?<=")[^"\\\\]*|(?<=')[^'\\\\]*|(?<=\\[)[^\\]]*)`,
  "gi",
);
/** `aws_secret_access_key = ...` in a configuration file. */
const SECRET_SETTINGS = /(\baws_(?:secret_access_key|session_token)\s{0,5}[=:]\s{0,5})[^\s"',;]+/gi;
/** `sessionToken: '...'` in a dump: only quoted values, because a sentence may mention a token. */
const DUMPED_SECRETS = /((?<![\w-])(?=[\w-]*(?:token|secret|passw|api_?key))[\w-]+\\?["']?:\s{0,5}\\?["'])[^"'\\]+/gi;

/** `Signature=...` of an Authorization header that a server repeats: AWS accepts it for 15 minutes. */
const SIGNATURES = /(\bSignature=)[0-9a-f]{32,128}/gi;

/**
 * Removes secrets from a string: API tokens and signatures in a query (such as Lightly's token), user names and passwords in a URL,
 * variables with the name of a secret, headers that authorize, and dumps of both. Takes time in proportion to the length of the string.
 *
 * @param text - any string that may end in a log, a status or an error
 * @returns the same string with each secret replaced by `***`
 */
export function redact(text: string): string {
  return text
    .replace(SECRET_PARAMETERS, "$1***")
    .replace(CREDENTIALS_IN_URL, "$1***@")
    .replace(SECRET_ASSIGNMENTS, "$1***")
    .replace(DUMPED_HEADERS, "$1***")
    .replace(SECRET_HEADERS, "$1***")
    .replace(DUMPED_SECRETS, "$1***")
    .replace(SECRET_SETTINGS, "$1***")
    .replace(SIGNATURES, "$1***");
}
