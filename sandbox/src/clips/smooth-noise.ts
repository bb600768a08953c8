import { seededRandom } from "../seeded-random.ts";

/** Smooth noise in [0, 1) over the plane: random values on a whole-number lattice, blended between. */
export function smoothNoise(seed: number): (x: number, y: number) => number {
  const lattice = Float32Array.from({ length: 4096 }, seededRandom(seed));
  const valueAt = (x: number, y: number): number => lattice[(((x * 73 + y * 151) % 4096) + 4096) % 4096] ?? 0;
  const ease = (t: number): number => t * t * (3 - 2 * t);
  return (x, y) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const across = ease(x - left);
    const down = ease(y - top);
    const upper = valueAt(left, top) * (1 - across) + valueAt(left + 1, top) * across;
    const lower = valueAt(left, top + 1) * (1 - across) + valueAt(left + 1, top + 1) * across;
    return upper * (1 - down) + lower * down;
  };
}
