/** Devices of Windows, whatever extension follows; a folder may well be shared with it. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** As long as file systems allow, with room for what the name of an unfinished file adds. */
const MAX_BYTES = 200;

/**
 * Why a name that comes from a service can't be one segment of a path; `undefined` when it can. It completes the sentence
 * "The name ...". Names with a leading dot are hidden, and are how programs call their settings.
 */
export function segmentFault(name: string): string | undefined {
  if (name === "") {
    return "has an empty part";
  }
  if (name.startsWith(".")) {
    return "has a part that begins with a dot";
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[/\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) || !name.isWellFormed()) {
    return "has characters that no file name should have";
  }
  if (/[. ]$/.test(name)) {
    return "has a part that ends with a dot or a blank";
  }
  if (RESERVED.test(name) || (process.platform === "win32" && /[<>:"|?*]/.test(name))) {
    return "has a part that Windows reserves";
  }
  return Buffer.byteLength(name) > MAX_BYTES ? `has a part of more than ${MAX_BYTES} bytes` : undefined;
}
