import { AwsFault } from "../aws/aws-fault.ts";

const MAX_KEY_BYTES = 1024;

/** Three to 63 lower-case letters, digits, dots and hyphens, and no name that AWS reserves. */
const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** @throws AwsFault `InvalidBucketName` */
export function checkBucketName(name: string): void {
  if (!BUCKET_NAME.test(name)) {
    throw new AwsFault("InvalidBucketName", 400, "The specified bucket is not valid.", { BucketName: name });
  }
}

/** @throws AwsFault `KeyTooLongError` */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    throw new AwsFault("KeyTooLongError", 400, "Your key is too long", {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  }
}

/** S3's order of keys: by their UTF-8 bytes, which differs from UTF-16 only for surrogates. */
export function compareKeys(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      return rank(x) - rank(y);
    }
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
