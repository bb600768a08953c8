import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../src/polling/clock.ts";
import { alignedDelay } from "../../src/polling/delay.ts";

const DAY_MS = 86_400_000;

describe("a jump of the system date", () => {
  for (const days of [3, -3]) {
    it(`by ${days} days neither ends nor extends a wait`, async () => {
      const script = join(import.meta.dirname, "jumping-process.ts");
      const { stdout } = await promisify(execFile)(process.execPath, [script, String(days)]);
      const { limited, long } = JSON.parse(stdout);
      assert.match(limited.outcome, /^Waited \d+ m?s for the lamp to be lit\. The last state was: dark\.$/);
      const [, said, unit] = /(\d+) (m?s)/.exec(limited.outcome) ?? [];
      assert.ok(Number(said) * (unit === "s" ? 1000 : 1) >= 499 && limited.tookMs < 60_000, JSON.stringify(limited));
      assert.equal(long.outcome, "lit");
      assert.ok(long.tookMs < 60_000, JSON.stringify(long));
    });

    it(`by ${days} days changes no pause`, () => {
      const delay = alignedDelay(5000);
      mock.timers.enable({ apis: ["Date"], now: Date.now() });
      try {
        mock.timers.setTime(Math.max(0, Date.now() + days * DAY_MS));
        const pauses = [1, 2, 3, 8].map(delay);
        assert.ok(
          pauses.every((ms) => ms > 0 && ms <= 7500),
          String(pauses),
        );
      } finally {
        mock.timers.reset();
      }
    });

    it(`by ${days} days changes wallNow, which is for external times, and not now`, () => {
      mock.timers.enable({ apis: ["Date"], now: Date.now() });
      try {
        const [wall, now] = [systemClock.wallNow(), systemClock.now()];
        mock.timers.setTime(wall + days * DAY_MS);
        assert.equal(systemClock.wallNow() - wall, days * DAY_MS);
        assert.ok(systemClock.now() - now < 60_000 && systemClock.now() >= now);
      } finally {
        mock.timers.reset();
      }
    });
  }
});

/** The uses of the system date, which can jump. All other code uses `Clock.now`. */
const MAY_READ_THE_DATE: Readonly<Record<string, string>> = {
  "src/polling/clock.ts": "the clock itself",
  "src/polling/search-until-listed.ts": "compares with a record of an earlier process",
  "src/services/aws/account/caller-identity.ts": "dates a signature, and tells a wrong date by AWS's",
  "src/services/aws/account/list-roles.ts": "dates a signature",
  "src/services/aws/account/simulate-policy.ts": "dates a signature",
  "src/services/batch/job/submit-job.ts": "puts a time on record",
  "src/services/ec2/start-instances.ts": "compares with the time of an agent's ping",
  "src/services/s3/object-key.ts": "names an object by the date",
  "src/services/lightly/client/send-request.ts": "compares with a date in Retry-After",
  "src/nodes/lightly-batch-run/submit-or-find.ts": "puts a time on record",
  "src/nodes/lightly-results/result.ts": "tells when a link expires",
  "src/nodes/shared/command/send-or-find.ts": "puts a time on record",
  "src/journal/read-journal.ts": "compares with the time of a file",
  "src/journal/lock/runs-lock.ts": "compares with the time of a file of another process",
  "src/plugins/runs/publish-changes.ts": "puts times on record",
  "src/runs/run-registry.ts": "puts times on record",
  "src/plugins/frames/run-frames.ts": "how old a list of frames is",
  "src/plugins/frames/download-links.ts": "tells when a link expires",
};

describe("the system date", () => {
  it("is read only for the time of a record, a file or another machine", () => {
    const readers = globSync("src/{errors,instances,journal,nodes,plugins,polling,runs,services}/**/*.ts")
      .filter((file) => !file.endsWith(".editor.ts"))
      .filter((file) => /\bDate\.now\b|\bnew Date\(\)|\bwallNow\(/.test(readFileSync(file, "utf8")));
    const unknown = readers.filter((file) => !Object.hasOwn(MAY_READ_THE_DATE, file));
    assert.deepEqual(unknown, [], "measure time spans by Clock.now, or give the reason above");
    assert.ok(readers.includes("src/polling/clock.ts"));
  });
});
