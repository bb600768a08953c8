import type { Color } from "./canvas.ts";
import { closeLeaves, herd, mountain, plantRows, sunset } from "./scenes/land.ts";
import type { Scene } from "./scenes/scene.ts";
import { conveyor, passingBus, street, swingingArm, withGrain } from "./scenes/town.ts";
import { aquarium, bigFish, sea } from "./scenes/water.ts";

/** A scene of a clip, with its name and how many frames it lasts. */
export interface Shot {
  readonly name: string;
  readonly frames: number;
  readonly scene: Scene;
}

/** One clip before it is encoded. */
export interface Story {
  readonly id: number;
  readonly title: string;
  readonly tags: readonly string[];
  /** Size of the larger rendition in pixels, multiples of 8; the smaller one has half of each. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly shots: readonly Shot[];
}

const DAY: Color = [150, 190, 235];
const EMPTY_STREET = { seed: 11, light: 1, cars: 0, sky: DAY };
const FIELD = { seed: 21, sky: DAY, soil: [120, 86, 58], leaf: [70, 140, 50] } as const;
const HARBOUR = { seed: 31, sky: [170, 195, 220], water: [40, 90, 130], swell: 0.05 } as const;
const HALL = { seed: 41, speed: 0, wall: [150, 156, 160], boxes: [176, 132, 84] } as const;
const ALLEY = { seed: 51, light: 1, cars: 0, sky: [210, 215, 220] } as const;
const TANK = { seed: 61, water: [60, 150, 190], fish: 0, color: [240, 140, 30] } as const;
const PASS = { seed: 71, rock: [104, 96, 92] } as const;

/**
 * The contents of the generated clips. Each has one long and nearly static scene and several short ones, some
 * of them shorter than the distance between evenly spaced picks of 10 %: choosing 10 % of the frames well is a
 * real problem. Shots of a clip differ as if filmed at different places or times: a shot that differs from
 * another only by one small object would be the same scene to any descriptor of the whole picture.
 */
export const STORIES: readonly Story[] = [
  {
    id: 8100001,
    title: "Quiet street corner",
    tags: ["street", "traffic", "city", "cars", "night"],
    ...{ width: 640, height: 360, fps: 15 },
    shots: [
      { name: "empty street", frames: 172, scene: street(EMPTY_STREET) },
      { name: "passing bus", frames: 8, scene: passingBus([190, 40, 36]) },
      { name: "rush hour", frames: 46, scene: street({ ...EMPTY_STREET, cars: 7 }) },
      { name: "night", frames: 34, scene: street({ ...EMPTY_STREET, light: 0.2, cars: 2 }) },
      { name: "rain", frames: 10, scene: withGrain(street({ ...EMPTY_STREET, light: 0.55, cars: 3 }), 0.8) },
    ],
  },
  {
    id: 8100002,
    title: "Plants in rows",
    tags: ["field", "agriculture", "plants", "farm", "tractor"],
    ...{ width: 640, height: 360, fps: 12 },
    shots: [
      { name: "tractor", frames: 26, scene: plantRows({ ...FIELD, tractor: [200, 60, 30] }) },
      { name: "still field", frames: 128, scene: plantRows({ ...FIELD, sky: [196, 200, 206], leaf: [56, 112, 62] }) },
      { name: "beetle", frames: 24, scene: closeLeaves({ seed: 22, leaf: [90, 170, 60], beetle: [150, 30, 24] }) },
      { name: "dry field", frames: 9, scene: plantRows({ ...FIELD, soil: [180, 150, 100], leaf: [170, 160, 70] }) },
      {
        name: "sunset",
        frames: 29,
        scene: sunset({ seed: 23, from: [230, 150, 90], to: [90, 50, 110], hill: [50, 70, 40] }),
      },
    ],
  },
  {
    id: 8100003,
    title: "Harbour and open sea",
    tags: ["sea", "ocean", "waves", "boat", "water", "harbour"],
    ...{ width: 640, height: 360, fps: 15 },
    shots: [
      { name: "calm sea", frames: 90, scene: sea(HARBOUR) },
      {
        name: "sailing boat",
        frames: 40,
        scene: sea({ ...HARBOUR, seed: 33, sky: [236, 222, 180], water: [70, 130, 110], boat: [150, 40, 40] }),
      },
      { name: "calm evening", frames: 70, scene: sea({ ...HARBOUR, sky: [220, 150, 120], water: [80, 60, 90] }) },
      { name: "storm", frames: 33, scene: sea({ ...HARBOUR, sky: [70, 76, 84], water: [40, 56, 62], swell: 1 }) },
      { name: "red fish", frames: 7, scene: bigFish({ water: [60, 110, 140], color: [210, 50, 40] }) },
    ],
  },
  {
    id: 8100004,
    title: "Conveyor in a hall",
    tags: ["factory", "industry", "conveyor", "robot", "boxes"],
    ...{ width: 640, height: 360, fps: 12 },
    shots: [
      { name: "belt stands", frames: 60, scene: conveyor(HALL) },
      {
        name: "belt runs",
        frames: 36,
        scene: conveyor({ ...HALL, seed: 45, speed: 1.6, wall: [190, 176, 140], boxes: [90, 130, 180] }),
      },
      { name: "robot arm", frames: 18, scene: swingingArm([230, 130, 20]) },
      { name: "lights dimmed", frames: 68, scene: conveyor({ ...HALL, seed: 44, wall: [70, 78, 104] }) },
      { name: "red alarm", frames: 10, scene: conveyor({ ...HALL, wall: [210, 40, 40], speed: 0.2 }) },
    ],
  },
  {
    id: 8100005,
    title: "Alley from morning to night",
    tags: ["city", "alley", "portrait", "night", "houses"],
    ...{ width: 360, height: 640, fps: 15 },
    shots: [
      { name: "empty alley", frames: 140, scene: street(ALLEY) },
      { name: "two cars", frames: 24, scene: street({ ...ALLEY, cars: 3 }) },
      { name: "dusk", frames: 28, scene: street({ ...ALLEY, light: 0.5, sky: [200, 110, 90] }) },
      { name: "white van", frames: 7, scene: passingBus([225, 225, 228]) },
      { name: "deep night", frames: 26, scene: street({ ...ALLEY, light: 0.12, cars: 1 }) },
    ],
  },
  {
    id: 8100006,
    title: "Fish tank",
    tags: ["aquarium", "fish", "underwater", "animals", "square"],
    ...{ width: 480, height: 480, fps: 12 },
    shots: [
      { name: "empty tank", frames: 150, scene: aquarium(TANK) },
      { name: "school of fish", frames: 44, scene: aquarium({ ...TANK, fish: 14 }) },
      { name: "big fish", frames: 20, scene: bigFish({ water: [50, 140, 180], color: [250, 200, 40] }) },
      { name: "lights out", frames: 8, scene: aquarium({ ...TANK, water: [10, 24, 50], fish: 2 }) },
      { name: "green water", frames: 18, scene: aquarium({ ...TANK, seed: 66, water: [120, 180, 80], fish: 5 }) },
    ],
  },
  {
    id: 8100007,
    title: "Mountain pass in winter",
    tags: ["mountain", "snow", "nature", "winter", "animals"],
    ...{ width: 640, height: 360, fps: 15 },
    shots: [
      { name: "still pass", frames: 118, scene: mountain(PASS) },
      {
        name: "cable car",
        frames: 22,
        scene: mountain({ ...PASS, seed: 75, rock: [150, 112, 84], cableCar: [200, 30, 40] }),
      },
      { name: "snowfall", frames: 14, scene: withGrain(mountain({ ...PASS, rock: [140, 140, 146] }), 0.7) },
      {
        name: "herd in the valley",
        frames: 32,
        scene: herd({ seed: 72, meadow: [120, 150, 60], animals: 22, coat: [60, 40, 30] }),
      },
      {
        name: "alpenglow",
        frames: 9,
        scene: sunset({ seed: 73, from: [250, 170, 150], to: [200, 90, 110], hill: [70, 60, 80] }),
      },
    ],
  },
];
