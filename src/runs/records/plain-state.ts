/**
 * A state of a service as words: `SAVING_RESULTS` is `saving results`, `InProgress` is `in progress`, `pending` stays.
 *
 * Lightly, LightlyStudio and AWS Batch name states in upper case, Systems Manager in camel case, EC2 in words.
 */
export function plainState(state: string): string {
  const words = /^[A-Z_]+$/.test(state) ? state.replaceAll("_", " ") : state.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return words.toLowerCase();
}
