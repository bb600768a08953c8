import { deepEqual } from "node:assert/strict";
import { isWanted } from "../../../src/services/videos/is-wanted.ts";

const NAMES = ["a.mp4", "cam/a.mp4", "cam/day/a.mp4", "cam/day/ba.mp4", "cams/a.mp4", "cam/A.MP4", "x [1].mp4"];

describe("isWanted", () => {
  const wanted = (pattern?: string): string[] => NAMES.filter((name) => isWanted(name, pattern));

  it("takes all videos without a pattern, and no hidden ones with any", () => {
    deepEqual(wanted(), NAMES);
    deepEqual(
      [".a.mp4", "cam/.a.mp4", ".cam/a.mp4"].filter((name) => isWanted(name) || isWanted(name, "*")),
      [],
    );
  });

  it("takes files in the folder itself and in all inner ones with `**/`", () => {
    deepEqual(wanted("**/a.mp4"), ["a.mp4", "cam/a.mp4", "cam/day/a.mp4", "cams/a.mp4"]);
    deepEqual(wanted("cam/**/a.mp4"), ["cam/a.mp4", "cam/day/a.mp4"]);
    deepEqual(wanted("**/**/day/**/*a.mp4"), ["cam/day/a.mp4", "cam/day/ba.mp4"]);
    deepEqual(wanted("cam/**"), wanted("cam/*"));
  });

  it("goes back to where a later folder fits", () => {
    deepEqual(isWanted("p/b/q/b/c/a.mp4", "**/b/c/**/a.mp4"), true);
    deepEqual(isWanted("p/xb/c/a.mp4", "**/b/c/**/a.mp4"), false);
  });

  it("takes brackets and other characters as they are", () => {
    deepEqual(wanted("x [1].mp4"), ["x [1].mp4"]);
    deepEqual(wanted("a?mp4"), ["a.mp4"]);
  });

  it("takes a name in either way to write an accent", () => {
    deepEqual(isWanted("u\u0308.mp4", "\u00fc.*"), true);
  });
});
