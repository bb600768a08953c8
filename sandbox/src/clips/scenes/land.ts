import { seededRandom } from "../../seeded-random.ts";
import { type Color, mix } from "../canvas.ts";
import { smoothNoise } from "../smooth-noise.ts";
import type { Scene } from "./scene.ts";

/** Plants in rows that meet at the horizon; they sway a little, and a tractor may cross. */
export function plantRows(options: { seed: number; sky: Color; soil: Color; leaf: Color; tractor?: Color }): Scene {
  const noise = smoothNoise(options.seed);
  const { tractor } = options;
  return {
    paint: (canvas) => {
      canvas.shade((x, y) => {
        if (y < 0.4) {
          return mix(options.sky, [240, 240, 235], y * 2);
        }
        const depth = 0.07 / (y - 0.36);
        const row = (((x - 0.5) * depth * 14) % 1) + 1;
        const onRow = Math.abs((row % 1) - 0.5) < 0.22;
        const speckle = noise(x * 90, (y * 90) / depth);
        return mix(onRow ? options.leaf : options.soil, [30, 30, 20], speckle * 0.5);
      });
    },
    move: (canvas, part, frame) => {
      canvas.ellipse(0.14 + 0.004 * Math.sin(frame / 9), 0.42, 0.05, 0.12, mix(options.leaf, [20, 40, 20], 0.5));
      if (tractor !== undefined) {
        const x = part * 1.2 - 0.25;
        canvas.rect(x, 0.5, x + 0.2, 0.62, tractor);
        canvas.rect(x + 0.03, 0.4, x + 0.1, 0.5, [190, 220, 230]);
        canvas.ellipse(x + 0.04, 0.64, 0.05, 0.09, [22, 20, 18]);
        canvas.ellipse(x + 0.17, 0.66, 0.03, 0.05, [22, 20, 18]);
      }
    },
  };
}

/** Leaves close to the camera; a beetle walks over them. */
export function closeLeaves(options: { seed: number; leaf: Color; beetle: Color }): Scene {
  const noise = smoothNoise(options.seed);
  return {
    paint: (canvas) =>
      canvas.shade((x, y) =>
        mix(options.leaf, [16, 44, 18], noise(x * 5, y * 5) * 0.8 + Math.abs(Math.sin((x + y) * 22)) * 0.25),
      ),
    move: (canvas, part) => {
      const x = 0.15 + part * 0.7;
      const y = 0.5 + 0.2 * Math.sin(part * 7);
      canvas.ellipse(x, y, 0.06, 0.08, options.beetle);
      canvas.ellipse(x + 0.06, y, 0.025, 0.04, [20, 18, 16]);
    },
  };
}

/** Hills under a sky whose color changes from `from` to `to`, with a sun that sinks. */
export function sunset(options: { seed: number; from: Color; to: Color; hill: Color }): Scene {
  const noise = smoothNoise(options.seed);
  const ridge = (x: number): number => 0.6 + noise(x * 4, 1) * 0.22;
  return {
    paint: (canvas) => canvas.shade((x, y) => (y > ridge(x) ? mix(options.hill, [8, 8, 14], y - 0.4) : options.from)),
    move: (canvas, part) => {
      for (let band = 0; band < 12; band += 1) {
        canvas.rect(
          0,
          band / 20,
          1,
          (band + 1) / 20,
          mix(mix(options.from, options.to, part), [255, 210, 140], band / 14),
        );
      }
      canvas.ellipse(0.68, 0.12 + part * 0.42, 0.05, 0.09, [255, 236, 180]);
    },
  };
}

/** A mountain pass: rock and snow; a cable car crosses if it is given a color. */
export function mountain(options: { seed: number; rock: Color; cableCar?: Color }): Scene {
  const noise = smoothNoise(options.seed);
  const { cableCar } = options;
  return {
    paint: (canvas) =>
      canvas.shade((x, y) => {
        const slope = y - (0.75 - 0.5 * Math.exp(-((x - 0.4) ** 2) * 14) - noise(x * 12, 3) * 0.1);
        if (slope < 0) {
          return mix([120, 160, 210], [220, 230, 240], y * 1.3);
        }
        return noise(x * 30, y * 30) > 0.25 + slope
          ? [244, 246, 250]
          : mix(options.rock, [30, 30, 34], noise(x * 60, y * 60) * 0.5);
      }),
    move: (canvas, part, frame) => {
      canvas.ellipse((0.2 + frame / 4000) % 1, 0.12, 0.09, 0.04, [250, 250, 252]);
      if (cableCar !== undefined) {
        canvas.rect(1 - part * 1.1, 0.2 + part * 0.2, 1.09 - part * 1.1, 0.33 + part * 0.2, cableCar);
      }
    },
  };
}

/** A herd of dark dots that wanders over a meadow seen from above. */
export function herd(options: { seed: number; meadow: Color; animals: number; coat: Color }): Scene {
  const random = seededRandom(options.seed);
  const noise = smoothNoise(options.seed + 3);
  const animals = Array.from({ length: options.animals }, () => ({
    x: random(),
    y: 0.1 + random() * 0.8,
    pace: random() * 0.5,
  }));
  return {
    paint: (canvas) => canvas.shade((x, y) => mix(options.meadow, [60, 70, 30], noise(x * 9, y * 9))),
    move: (canvas, part) => {
      for (const { x, y, pace } of animals) {
        canvas.ellipse((x + part * pace) % 1, y + 0.03 * Math.sin(part * 9 + x * 20), 0.022, 0.03, options.coat);
      }
    },
  };
}
