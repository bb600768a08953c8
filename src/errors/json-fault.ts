const SENTENCE = " is not valid JSON";

/** What `JSON.parse` refuses, and where. Its own sentence may end with "is not valid JSON", which the text around it says already. */
export function faultOfJson(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Unexpected token 'o', ..."he text"... is not valid JSON
  const [fault = "", ...quoted] = message.split(/', (?:\.{3})?"/);
  if (quoted.length === 0 || !message.endsWith(SENTENCE)) {
    return message;
  }
  const text = message.slice(message.indexOf('"', fault.length) + 1, -SENTENCE.length);
  return `${fault}' in ${text.replace(/"(?:\.{3})?$/, "")}`;
}
