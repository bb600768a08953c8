/** A tag's samples in Lightly's format: a hexadecimal number whose bit i is the sample with index i. */
export type BitMask = bigint;

export const readBitMask = (text: string): BitMask => BigInt(text);

export const writeBitMask = (mask: BitMask): string => `0x${mask.toString(16)}`;

/** The first `count` samples. */
export const allOf = (count: number): BitMask => (1n << BigInt(count)) - 1n;

/** Indices in ascending order. */
export function indicesOf(mask: BitMask): number[] {
  const bits = mask.toString(2);
  const indices: number[] = [];
  for (let index = 0; index < bits.length; index += 1) {
    if (bits[bits.length - 1 - index] === "1") {
      indices.push(index);
    }
  }
  return indices;
}
