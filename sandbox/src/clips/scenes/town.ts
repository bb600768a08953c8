import { seededRandom } from "../../seeded-random.ts";
import { type Canvas, type Color, mix } from "../canvas.ts";
import { smoothNoise } from "../smooth-noise.ts";
import type { Scene } from "./scene.ts";

const ASPHALT: Color = [88, 90, 96];

/** A road below a row of houses; `cars` of them drive by, none if it is 0. `light` 1 is noon, 0.2 night with lit windows. */
export function street(options: { seed: number; light: number; cars: number; sky: Color }): Scene {
  const random = seededRandom(options.seed);
  const dim = (color: Color): Color => mix([6, 8, 20], color, options.light);
  const cars = Array.from({ length: options.cars }, () => ({
    lane: 0.72 + 0.14 * Math.floor(random() * 2),
    start: random() * 1.6 - 0.3,
    speed: 0.5 + random() * 0.9,
    color: [60 + random() * 190, 40 + random() * 190, 40 + random() * 190] as Color,
  }));
  return {
    paint: (canvas) => {
      canvas.shade((_, y) => mix(dim(options.sky), dim([235, 225, 210]), y * 1.5));
      paintHouses(canvas, options.seed, options.light);
      canvas.rect(0, 0.64, 1, 1, dim(ASPHALT));
      for (let x = 0; x < 1; x += 0.125) {
        canvas.rect(x, 0.79, x + 0.06, 0.805, dim([230, 230, 220]));
      }
    },
    move: (canvas, part, frame) => {
      // A traffic light far away blinks, so that even an empty street is only nearly static.
      canvas.ellipse(0.9, 0.45, 0.008, 0.014, frame % 16 < 8 ? [220, 40, 30] : [90, 30, 30]);
      for (const car of cars) {
        const x = car.start + part * car.speed * (car.lane > 0.8 ? 1 : -1) + (car.lane > 0.8 ? -0.4 : 0.6);
        canvas.rect(x, car.lane - 0.07, x + 0.16, car.lane, dim(car.color));
        canvas.rect(x + 0.03, car.lane - 0.11, x + 0.12, car.lane - 0.07, dim([150, 190, 210]));
        canvas.ellipse(x + 0.03, car.lane, 0.018, 0.03, [15, 15, 18]);
        canvas.ellipse(x + 0.13, car.lane, 0.018, 0.03, [15, 15, 18]);
      }
    },
  };
}

function paintHouses(canvas: Canvas, seed: number, light: number): void {
  const random = seededRandom(seed + 1);
  for (let x = -0.02; x < 1; x += 0.15) {
    const top = 0.12 + random() * 0.25;
    const wall: Color = [120 + random() * 110, 90 + random() * 80, 70 + random() * 70];
    canvas.rect(x, top, x + 0.135, 0.64, mix([10, 10, 24], wall, light));
    for (let y = top + 0.05; y < 0.58; y += 0.1) {
      for (let window = 0.02; window < 0.11; window += 0.045) {
        const lit = light < 0.5 && random() < 0.5;
        canvas.rect(
          x + window,
          y,
          x + window + 0.022,
          y + 0.05,
          lit ? [250, 214, 120] : mix([8, 10, 26], [90, 120, 150], light),
        );
      }
    }
  }
}

/** The side of a bus that fills the picture and slides through it. */
export function passingBus(color: Color): Scene {
  return {
    paint: (canvas) => canvas.rect(0, 0, 1, 1, color),
    move: (canvas, part) => {
      canvas.rect(0, 0.72, 1, 0.8, [240, 240, 235]);
      for (let window = -3; window < 5; window += 1) {
        const x = window * 0.36 + part * 0.9;
        canvas.rect(x, 0.16, x + 0.29, 0.56, [40, 52, 66]);
        canvas.ellipse(x + 0.14, 0.98, 0.11, 0.16, [20, 20, 22]);
      }
    },
  };
}

/** Boxes on a belt in a hall; the belt stands still unless `speed` (widths per scene) says otherwise. */
export function conveyor(options: { seed: number; speed: number; wall: Color; boxes: Color }): Scene {
  const random = seededRandom(options.seed);
  const heights = Array.from({ length: 12 }, () => 0.1 + random() * 0.22);
  return {
    paint: (canvas) => {
      canvas.shade((x, y) => mix(options.wall, [30, 34, 40], Math.abs(x - 0.5) * 0.9 + y * 0.25));
      for (let x = 0.05; x < 1; x += 0.2) {
        canvas.rect(x, 0.05, x + 0.1, 0.1, [250, 250, 225]);
      }
      canvas.rect(0, 0.72, 1, 0.8, [34, 36, 40]);
    },
    move: (canvas, part, frame) => {
      heights.forEach((height, index) => {
        const x = ((index * 0.24 + part * options.speed) % 2.88) - 0.4;
        canvas.rect(x, 0.72 - height, x + 0.15, 0.72, mix(options.boxes, [250, 240, 220], height));
      });
      canvas.ellipse(0.95, 0.9, 0.012, 0.02, frame % 12 < 6 ? [60, 230, 80] : [20, 70, 30]);
    },
  };
}

/** A robot arm that swings over a bench. */
export function swingingArm(color: Color): Scene {
  return {
    paint: (canvas) => {
      canvas.shade((_, y) => mix([200, 206, 210], [120, 128, 136], y));
      canvas.rect(0.1, 0.8, 0.9, 0.9, [70, 60, 50]);
    },
    move: (canvas, part) => {
      const angle = -2.6 + part * 2.1;
      for (let joint = 0; joint <= 24; joint += 1) {
        const along = joint / 24;
        canvas.ellipse(0.5 + Math.cos(angle) * 0.34 * along, 0.78 + Math.sin(angle) * 0.6 * along, 0.035, 0.055, color);
      }
    },
  };
}

/** Rain or snow: what another scene shows, behind moving noise of the given strength (0 to 1). */
export function withGrain(scene: Scene, strength: number): Scene {
  return {
    paint: scene.paint,
    move: (canvas, part, frame) => {
      scene.move?.(canvas, part, frame);
      const noise = smoothNoise(frame + 7);
      canvas.relight((value, x, y) => value + (noise(x / 3, y / 9) - 0.4) * 160 * strength);
    },
  };
}
