/** What `JSON.parse` refuses, and where. Its own sentence may end with "is not valid JSON", which the text around it says already. */
export function faultOfJson(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, (?:\.{3})?"(.*)"(?:\.{3})? is not valid JSON$/s, " in $1");
}
