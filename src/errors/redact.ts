// Each pattern takes time that grows with the text and no faster: test/errors/patterns.spec.ts judges them all. So a name begins where a run of its
// characters begins, and whatever follows a repetition can't begin with what was repeated.

const SECRET_PARAMETERS =
  /([?&](?:token|publicToken|api_?key|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|sig|AWSAccessKeyId)=)[^&#\s"']*/gi;
const CREDENTIALS_IN_URL = /(\bhttps?:\/\/)[^/\s@]+@/gi;
/** `LIGHTLY_TOKEN=...` of a shell's trace or a `docker run -e`, `--password=...`; quoted or not. */
const SECRET_ASSIGNMENTS =
  /(\b(?:[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY)(?:_[A-Z0-9_]{0,20})?|token|secret|password|api[_-]?key)=)(?:"[^"]*"|'[^']*'|[^\s"'&]+)/g;
/** Headers that authorize, or whose value is a key: the last one is what encrypts an object in S3. */
const SECRET_HEADER_NAMES = [
  "(?:proxy-)?authorization",
  "(?:set-)?cookie",
  "x-api-key",
  "x-auth-token",
  "x-amz-security-token",
  "x-amz-(?:copy-source-)?server-side-encryption-customer-key",
].join("|");
/** `authorization: ...` of a header's line. */
const SECRET_HEADERS = new RegExp(`(\\b(?:${SECRET_HEADER_NAMES}):[ \\t]*)[^\\s"'][^\\n"']*`, "gi");
/** The same in a dump of headers: as JSON, as a list of names and values, or as Node.js prints an object. */
const DUMPED_HEADERS = new RegExp(
  `((?:\\\\?["'](?:${SECRET_HEADER_NAMES})\\\\?["']\\s{0,5}[:,]|\\b(?:${SECRET_HEADER_NAMES}):)\\s{0,5}\\\\?["'[])(?:(?<=")[^"\\\\]*|(?<=')[^'\\\\]*|(?<=\\[)[^\\]]*)`,
  "gi",
);
/** `sessionToken: '...'` of a dump: only what is quoted, since a sentence may speak of a token. */
const DUMPED_SECRETS = /((?<![\w-])(?=[\w-]*(?:token|secret|passw|api_?key))[\w-]+\\?["']?:\s{0,5}\\?["'])[^"'\\]+/gi;

/** `Signature=...` of an Authorization header that a server repeats: AWS takes it for a quarter of an hour. */
const SIGNATURES = /(\bSignature=)[0-9a-f]{32,128}/gi;

/**
 * Takes what is secret out of a text: API tokens and signatures in a query (Lightly takes its token there), user names and passwords
 * in a URL, variables that are named as secrets, headers that authorize, and dumps of both. Takes time in proportion to the text.
 *
 * @param text - anything that may end in a log, a status or an error
 * @returns the same text with each secret replaced by `***`
 */
export function redact(text: string): string {
  return text
    .replace(SECRET_PARAMETERS, "$1***")
    .replace(CREDENTIALS_IN_URL, "$1***@")
    .replace(SECRET_ASSIGNMENTS, "$1***")
    .replace(DUMPED_HEADERS, "$1***")
    .replace(SECRET_HEADERS, "$1***")
    .replace(DUMPED_SECRETS, "$1***")
    .replace(SIGNATURES, "$1***");
}
