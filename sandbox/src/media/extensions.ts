/** File name extensions of the supported containers. AVI is not supported. */
export const VIDEO_EXTENSIONS: readonly string[] = ["mp4", "m4v", "mov", "webm", "mkv"];

/** The extension of a file name or object key: lower case, without the dot; `""` when there is none. */
export function extensionOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
