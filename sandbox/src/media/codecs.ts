import { registerMediabunnyServer } from "@mediabunny/server";
import { Logging, LogLevel } from "mediabunny";

let registered = false;

/**
 * Registers encoders and decoders (FFmpeg) with mediabunny, once per process. In software only: a machine without a
 * graphics card must give the same frames as one that has it.
 */
export function registerCodecs(): void {
  if (!registered) {
    registered = true;
    Logging.level = LogLevel.Errors;
    registerMediabunnyServer({ hardwareContext: null });
  }
}
