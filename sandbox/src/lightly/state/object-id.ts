import { randomBytes } from "node:crypto";

/**
 * Makes ids like Lightly's (and MongoDB's): 24 hexadecimal digits from the second, a random part and a counter,
 * so that ids of one process sort by age.
 */
export function createIdSource(now: () => number): () => string {
  const process = randomBytes(5).toString("hex");
  let counter = 0;
  return () => {
    counter = (counter + 1) % 0x1000000;
    const second = Math.floor(now() / 1000);
    return `${hex(second, 8)}${process}${hex(counter, 6)}`;
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0").slice(-digits);
