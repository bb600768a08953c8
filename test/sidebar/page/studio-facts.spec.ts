import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { studioCommands, studioFacts } from "../../../src/sidebar/page/studio-facts.ts";
import { step } from "../../records/a-run.ts";

const TYPE = "lightly-studio-select";
const COUNTS = { videos: 3, broken: 1, frames: 120, selectedBefore: 20, selected: 7 };
const DATABASE = "s3://my-bucket/state/studio.duckdb";
const lightly = { engine: "studio", counts: COUNTS, database: DATABASE };
const checkpoint = { output: "s3://my-bucket/selected", studioRunId: "r-1" };

describe("the facts of a step with LightlyStudio", () => {
  it("are none for a step of the other engine", () => {
    equal(studioFacts(step("lightly-run", 0, 1, { result: { lightly: { datasetId: "d" } } })), undefined);
  });

  it("are none while it runs", () => {
    deepEqual(studioFacts(step(TYPE, 0, undefined, { progress: { state: "EXPORT" } })), {});
  });

  it("are its counts and its database at the end", () => {
    const ended = step(TYPE, 0, 1, { checkpoint, result: { lightly }, progress: { state: "SAVE" } });
    deepEqual(studioFacts(ended), { counts: COUNTS, database: DATABASE });
  });

  it("have no database that is not an object in S3", () => {
    for (const database of [undefined, 7, "", "/etc/passwd", "s3://bucket", "s3://bucket/"]) {
      const ended = step(TYPE, 0, 1, { checkpoint, result: { lightly: { ...lightly, database } } });
      deepEqual(studioFacts(ended), { counts: COUNTS });
    }
  });
});

describe("the commands for the app of LightlyStudio", () => {
  it("fetch the database, and start the server on loopback without telemetry", () => {
    deepEqual(studioCommands(DATABASE), {
      fetch: `aws s3 cp '${DATABASE}' studio.duckdb`,
      start: "LIGHTLY_STUDIO_ANALYTICS_ENABLED=false lightly-studio gui --db-file studio.duckdb --host 127.0.0.1",
    });
  });

  it("take any key as one word of the shell", () => {
    for (const key of ["a b", "$(id)", "`id`", "it's", "a;b", "a\nb", "--x", '"']) {
      const database = `s3://bucket/${key}`;
      const script = `aws() { printf '%s' "$3"; }; ${studioCommands(database).fetch}`;
      equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), database);
    }
  });
});
