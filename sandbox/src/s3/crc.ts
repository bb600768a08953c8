import { crc32 } from "node:zlib";

/** A cyclic redundancy check in its reflected form. */
export interface CrcKind {
  readonly bits: 32 | 64;
  readonly polynomial: bigint;
}

export const CRC32: CrcKind = { bits: 32, polynomial: 0xedb88320n };
export const CRC32C: CrcKind = { bits: 32, polynomial: 0x82f63b78n };
export const CRC64NVME: CrcKind = { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n };

/** A checksum that is being computed. */
export interface Running {
  update(bytes: Buffer): void;
  digest(): Buffer;
}

/** Starts a checksum that is updated with each chunk of bytes. */
export function runningCrc(kind: CrcKind): Running {
  return kind === CRC32 ? nativeCrc32() : tableCrc(kind);
}

function nativeCrc32(): Running {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest: () => toBytes(BigInt(value), 32),
  };
}

/** Byte by byte, with the state in two halves of 32 bits since 64 do not fit a number. */
function tableCrc(kind: CrcKind): Running {
  const { high, low } = makeTable(kind);
  let upper = kind.bits === 64 ? -1 : 0;
  let lower = -1;
  return {
    update(bytes) {
      for (const byte of bytes) {
        const at = (lower ^ byte) & 0xff;
        lower = ((lower >>> 8) | (upper << 24)) ^ (low[at] ?? 0);
        upper = (upper >>> 8) ^ (high[at] ?? 0);
      }
    },
    digest() {
      const mask = kind.bits === 64 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
      return toBytes(((BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0)) ^ mask, kind.bits);
    },
  };
}

function makeTable(kind: CrcKind): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) {
      value = shift(value, kind);
    }
    high[index] = Number(BigInt.asIntN(32, value >> 32n));
    low[index] = Number(BigInt.asIntN(32, value));
  }
  return { high, low };
}

/** The checksum of two concatenated byte sequences, from the checksum of each and the length of the second. */
export function combineCrc(kind: CrcKind, first: Buffer, second: Buffer, secondBytes: number): Buffer {
  const power = powerOfX(kind, BigInt(secondBytes) * 8n);
  return toBytes(multiply(kind, power, toBigInt(first)) ^ toBigInt(second), kind.bits);
}

/** Times x, modulo the polynomial. */
function shift(value: bigint, kind: CrcKind): bigint {
  return (value & 1n) === 1n ? (value >> 1n) ^ kind.polynomial : value >> 1n;
}

function multiply(kind: CrcKind, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << BigInt(kind.bits - 1); bit > 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) {
      product ^= factor;
    }
    factor = shift(factor, kind);
  }
  return product;
}

function powerOfX(kind: CrcKind, exponent: bigint): bigint {
  let result = 1n << BigInt(kind.bits - 1);
  let square = result >> 1n;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) {
      result = multiply(kind, result, square);
    }
    square = multiply(kind, square, square);
  }
  return result;
}

function toBytes(value: bigint, bits: 32 | 64): Buffer {
  return Buffer.from(value.toString(16).padStart(bits / 4, "0"), "hex");
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}
