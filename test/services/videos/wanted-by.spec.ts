import { deepEqual, equal, ok } from "node:assert/strict";
import { wantedBy } from "../../../src/services/videos/wanted-by.ts";
import { leastProcessorMs } from "../../support/processor-time.ts";

const NAMES = ["a.mp4", "cam/a.mp4", "cam/day/a.mp4", "cam/day/ba.mp4", "cams/a.mp4", "cam/A.MP4", "x [1].mp4"];

describe("wantedBy", () => {
  const isWanted = (name: string, pattern?: string): boolean => wantedBy(pattern)(name);
  const wanted = (pattern?: string): string[] => NAMES.filter(wantedBy(pattern));

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

  it("takes one of the texts in braces", () => {
    const names = ["a.mp4", "b.mov", "c.mkv", "cam/d.mov", "b.mo", "e.mp4x"];
    const matching = (pattern: string): string[] => names.filter(wantedBy(pattern));
    deepEqual(matching("*.{mp4,mov}"), ["a.mp4", "b.mov", "cam/d.mov"]);
    deepEqual(matching("{a,b}.{mp4,mov}"), ["a.mp4", "b.mov"]);
    deepEqual(matching("{cam/,}?.{m*v,mp4}"), ["a.mp4", "b.mov", "c.mkv", "cam/d.mov"]);
    deepEqual(matching("*.{m{p4,o{v,}},none}"), ["a.mp4", "b.mov", "cam/d.mov", "b.mo"]);
    deepEqual(matching("{**/d,a}.*"), ["a.mp4", "cam/d.mov"]);
    deepEqual(matching("{cam/,x/}**/d.mov"), ["cam/d.mov"]);
  });

  for (const literal of ["{a}.mp4", "{a,b.mp4", "a,b}.mp4", "{}.mp4", "}{.mp4", "a,b.mp4"]) {
    it(`takes the braces and commas of ${literal} as they are`, () => {
      const names = [literal, "a.mp4", "b.mp4", ".mp4", "ab.mp4"];
      deepEqual(names.filter(wantedBy(literal)), [literal]);
    });
  }

  it("takes a group in a brace that is not closed", () => {
    deepEqual(["{x,a", "{x,b", "xa", "{x"].filter(wantedBy("{x,{a,b}")), ["{x,a", "{x,b"]);
  });

  it("goes back over a `**/` after a character or a wildcard as over `*/`", () => {
    deepEqual(["b/c", "bx/y/c", "bc"].filter(wantedBy("b**/c")), ["b/c", "bx/y/c"]);
    deepEqual(["c", "b/c"].filter(wantedBy("***/c")), ["b/c"]);
  });

  it("compares patterns with any number of combinations, nested groups and wildcards in little time", () => {
    const name = `${"a".repeat(500)}.mp4`;
    for (const [pattern, isMatch] of [
      [`${"{a,aa,*a}".repeat(40)}.{mp4,mov}`, true],
      [`${"{a,aa,*a}".repeat(40)}.{mkv,mov}`, false],
      [`${"{a,".repeat(3000)}${"}".repeat(3000)}*.mp4`, true],
      [`{${Array.from({ length: 5000 }, (_, index) => `*${index}`)}}.mp4`, false],
      ["{".repeat(20_000), false],
    ] as const) {
      const isMatching = wantedBy(pattern);
      const ms = leastProcessorMs(() => equal(isMatching(name), isMatch, pattern.slice(0, 30)), 500);
      ok(ms < 500, `${pattern.slice(0, 30)}: ${ms} ms`);
    }
  });
});
