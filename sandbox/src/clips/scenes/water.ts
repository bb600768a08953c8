import { seededRandom } from "../../seeded-random.ts";
import { type Color, mix } from "../canvas.ts";
import { smoothNoise } from "../smooth-noise.ts";
import type { Scene } from "./scene.ts";

/** The sea up to the horizon; `swell` (0 calm, 1 storm) is how far the waves move. */
export function sea(options: { seed: number; sky: Color; water: Color; swell: number; boat?: Color }): Scene {
  const noise = smoothNoise(options.seed);
  const { boat } = options;
  return {
    paint: (canvas) =>
      canvas.shade((x, y) => {
        if (y < 0.42) {
          return mix(options.sky, [245, 245, 245], y * 1.4 * noise(x * 5, y * 9));
        }
        return mix(options.water, [225, 238, 240], noise(x * 14, ((y - 0.4) * 40) / (y + 0.2)) ** 3);
      }),
    move: (canvas, part, frame) => {
      if (options.swell > 0.1) {
        const horizon = canvas.height * 0.42;
        canvas.relight((value, x, y) =>
          y < horizon
            ? value
            : value +
              42 * options.swell * Math.sin(y / (4 + 20 * options.swell) + x / 90 - frame * 0.5 * options.swell),
        );
      }
      canvas.ellipse(0.08, 0.4, 0.006, 0.012, frame % 24 < 4 ? [255, 250, 200] : [120, 110, 90]);
      if (boat !== undefined) {
        const x = part * 0.9 - 0.1;
        canvas.rect(x, 0.46, x + 0.22, 0.54, boat);
        canvas.rect(x + 0.09, 0.2, x + 0.105, 0.46, [60, 40, 30]);
        canvas.ellipse(x + 0.14, 0.33, 0.05, 0.12, [246, 244, 236]);
      }
    },
  };
}

/** A fish tank: plants stand still, `fish` swim through it. */
export function aquarium(options: { seed: number; water: Color; fish: number; color: Color }): Scene {
  const random = seededRandom(options.seed);
  const noise = smoothNoise(options.seed + 1);
  const fish = Array.from({ length: options.fish }, () => ({
    x: random(),
    y: 0.15 + random() * 0.6,
    speed: 0.4 + random() * 0.8,
    size: 0.02 + random() * 0.035,
  }));
  return {
    paint: (canvas) => {
      canvas.shade((x, y) =>
        y > 0.86
          ? mix([190, 170, 120], [110, 90, 60], noise(x * 60, y * 60))
          : mix(options.water, [4, 20, 40], y * 0.8),
      );
      for (let stalk = 0; stalk < 9; stalk += 1) {
        const x = 0.06 + stalk * 0.11;
        const top = 0.3 + random() * 0.4;
        canvas.rect(x, top, x + 0.02, 0.88, [30, 110, 50]);
        canvas.ellipse(x + 0.01, top, 0.03, 0.07, [50, 150, 60]);
      }
    },
    move: (canvas, part, frame) => {
      canvas.ellipse(0.5, 0.9 - ((frame * 0.02) % 0.8), 0.006, 0.006, [200, 230, 240]);
      for (const { x, y, speed, size } of fish) {
        const at = ((x + part * speed) % 1.2) - 0.1;
        canvas.ellipse(at, y, size * 1.6, size, options.color);
        canvas.ellipse(at - size * 1.7, y, size * 0.6, size * 0.9, mix(options.color, [20, 20, 20], 0.3));
      }
    },
  };
}

/** One big fish in front of the lens. */
export function bigFish(options: { water: Color; color: Color }): Scene {
  return {
    paint: (canvas) =>
      canvas.shade((x, y) => mix(options.water, [250, 250, 250], 0.4 * Math.abs(Math.sin(x * 9 + y * 5)))),
    move: (canvas, part) => {
      const x = 1.2 - part * 1.3;
      canvas.ellipse(x, 0.5, 0.34, 0.27, options.color);
      canvas.ellipse(x + 0.36, 0.5, 0.12, 0.2, options.color);
      canvas.ellipse(x - 0.2, 0.42, 0.04, 0.04, [245, 245, 245]);
      canvas.ellipse(x - 0.21, 0.42, 0.018, 0.018, [10, 10, 10]);
    },
  };
}
