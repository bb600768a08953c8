/** The number of bytes that {@link pictureType} needs, unless the file is shorter. */
export const HEAD_BYTES = 32;

/** The header lengths of the known versions of BMP, because many texts start with the letters BM. */
const BMP_HEADERS = new Set([12, 40, 52, 56, 64, 108, 124]);

/**
 * The media type of a picture according to its first bytes, whatever its server declares; `undefined` if it is not a supported picture.
 * SVG is not supported because it may contain scripts.
 */
export function pictureType(head: Buffer): string | undefined {
  const text = (start: number, end: number): string => head.toString("latin1", start, end);
  if (head.length >= 3 && head.readUIntBE(0, 3) === 0xffd8ff) {
    return "image/jpeg";
  }
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") {
    return "image/png";
  }
  if (text(0, 6) === "GIF87a" || text(0, 6) === "GIF89a") {
    return "image/gif";
  }
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") {
    return "image/webp";
  }
  if (text(4, 8) === "ftyp" && /^avi[fs]$/.test(text(8, 12))) {
    return "image/avif";
  }
  const isBmp = text(0, 2) === "BM" && head.length >= 18 && BMP_HEADERS.has(head.readUInt32LE(14));
  return isBmp ? "image/bmp" : undefined;
}
