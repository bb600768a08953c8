import type { Canvas } from "../canvas.ts";

/** One shot of a clip: the static part, and what moves. */
export interface Scene {
  /** Paints the static part; called once per scene. */
  readonly paint: (canvas: Canvas) => void;
  /** Draws the moving part over it; `part` runs from 0 at the scene's first frame to 1 at its last, `frame` counts from 0. */
  readonly move?: (canvas: Canvas, part: number, frame: number) => void;
}
