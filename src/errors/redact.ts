const SECRET_PARAMETERS =
  /([?&](?:token|publicToken|api_?key|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|sig|AWSAccessKeyId)=)[^&#\s"']*/gi;
const CREDENTIALS_IN_URL = /(\bhttps?:\/\/)[^/\s@]+@/gi;
/** `LIGHTLY_TOKEN=...` of a shell's trace or a `docker run -e`, `--password=...`; quoted or not. Bounded, so that no text is slow. */
const SECRET_ASSIGNMENTS =
  /(\b(?:[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY)(?:_[A-Z0-9_]{0,20})?|token|secret|password|api[_-]?key)=)(?:"[^"]*"|'[^']*'|[^\s"'&]+)/g;
const SECRET_HEADERS = /(\b(?:authorization|x-api-key):[ \t]*)[^\n"']+/gi;

/**
 * Takes what is secret out of a text: API tokens and signatures in a query (Lightly takes its token there), user names and passwords
 * in a URL, variables that are named as secrets, and headers that authorize.
 *
 * @param text - anything that may end in a log, a status or an error
 * @returns the same text with each secret replaced by `***`
 */
export function redact(text: string): string {
  return text
    .replace(SECRET_PARAMETERS, "$1***")
    .replace(CREDENTIALS_IN_URL, "$1***@")
    .replace(SECRET_ASSIGNMENTS, "$1***")
    .replace(SECRET_HEADERS, "$1***");
}
