import type { Canvas } from "../canvas.ts";

/** One shot of a clip: what stands still in it, and what moves. */
export interface Scene {
  /** Paints what stands still; called once per scene. */
  readonly paint: (canvas: Canvas) => void;
  /** Draws what moves on top of it; `part` runs from 0 at the scene's first frame to 1 at its last, `frame` counts from 0. */
  readonly move?: (canvas: Canvas, part: number, frame: number) => void;
}
