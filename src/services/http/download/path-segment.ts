/** Device names of Windows, with any extension: the folder may be shared with a Windows machine. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Less than the 255 bytes of file systems, because the name of an unfinished file is longer. */
const MAX_BYTES = 200;

/**
 * Why a name from a service is not a valid segment of a path; `undefined` if it is valid. Completes the sentence "The name ...". Names
 * with a leading dot are refused, because they are hidden files and the settings of programs.
 */
export function segmentFault(name: string): string | undefined {
  if (name === "") {
    return "has an empty part";
  }
  if (name.startsWith(".")) {
    return "has a part that begins with a dot";
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused here
  if (/[/\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) || !name.isWellFormed()) {
    return "has characters that are not allowed in file names";
  }
  if (/[. ]$/.test(name)) {
    return "has a part that ends with a dot or a space";
  }
  if (RESERVED.test(name) || (process.platform === "win32" && /[<>:"|?*]/.test(name))) {
    return "has a part that is reserved by Windows";
  }
  return Buffer.byteLength(name) > MAX_BYTES ? `has a part of more than ${MAX_BYTES} bytes` : undefined;
}
