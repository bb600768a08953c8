const SECRET_PARAMETERS =
  /([?&](?:token|publicToken|api_?key|X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId)=)[^&#\s"']*/gi;
const CREDENTIALS_IN_URL = /(\bhttps?:\/\/)[^/\s@]+@/gi;

/**
 * Takes what is secret out of a text: API tokens and signatures in a query (Lightly takes its token there), and user names and
 * passwords in a URL.
 *
 * @param text - anything that may end in a log, a status or an error
 * @returns the same text with each secret replaced by `***`
 */
export function redact(text: string): string {
  return text.replace(SECRET_PARAMETERS, "$1***").replace(CREDENTIALS_IN_URL, "$1***@");
}
