import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { timedOutError } from "../../src/polling/timed-out.ts";

/**
 * The expression of every state of a wait in src/, with an example. Add a new one here, so that it is read once in its sentence.
 */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  // ec2
  note: [
    "stopped: no capacity, next attempt in 30 s",
    "stopped, its spot request does not allow a start yet",
    "stopped, but EC2 does not accept the start yet",
  ],
  "summarizeStates(states)": ["stopping"],
  "summarizeStates(now)": ["1 running, 1 pending"],
  '`running, but no SSM agent Online on ${silent.join(", ")}`': [
    "running, but no SSM agent Online on i-0123456789abcdef0",
  ],
  '"stopped, but its start was requested a moment ago"': ["stopped, but its start was requested a moment ago"],
  "stop.note ?? summarizeStates(now)": ["i-0123456789abcdef0 is still starting and can't be stopped yet"],
  // ssm
  '"not known to SSM yet"': ["not known to SSM yet"],
  "report.status": ["InProgress"],
  '"refused by SSM, which does not accept commands for it yet"': [
    "refused by SSM, which does not accept commands for it yet",
  ],
  '"not in the list"': ["not in the list"],
  // Batch
  '"not known to Batch"': ["not known to Batch"],
  'job?.state ?? "not known to Batch"': ["RUNNABLE"],
  "reason === undefined ? job.state : `${job.state} (${reason})`": [
    "RUNNABLE (MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT)",
  ],
  // Lightly
  "describeState(seen)": ["OPEN (waiting for a worker to take it)"],
  "`unknown (${error.message})`": ["unknown (Lightly's response is a page)"],
  '"unknown: the list can\'t be read"': ["unknown: the list can't be read"],
  // nodes
  "`unknown (${refusal.message})`": ["unknown (These credentials may not do this.)"],
  '"unknown"': ["unknown"],
  'progress?.phase ?? "unknown"': ["embedding"],
  '"renewed"': ["renewed"],
  '"no upload"': ["no upload"],
  '"uploading"': ["uploading"],
};

/** The states in a file that creates `PollResult`s. */
function waitsIn(text: string): string[] {
  return text.includes("PollResult") || /\bpollUntil[<(]/.test(text)
    ? [...text.matchAll(/\{\s*wait: ((?:[^{}]|\$\{[^{}]*\})+?)\s*\}/g)].flatMap(([, expression]) => expression ?? [])
    : [];
}

describe("the last state of a wait", () => {
  const found = new Set(
    globSync("src/{instances,journal,nodes,runs,services}/**/*.ts").flatMap((file) =>
      waitsIn(readFileSync(file, "utf8")),
    ),
  );

  it("is listed here", () => {
    assert.ok(found.size > 10, [...found].join("\n"));
    assert.deepEqual([...found].sort(), Object.keys(TEXTS).sort());
  });

  for (const text of Object.values(TEXTS).flat()) {
    it(`reads well: The last state was: ${text}.`, () => {
      const { message } = timedOutError({
        ...{ goal: "the lamp to be lit", state: text, elapsedMs: 3000, attempts: 2, error: undefined },
      });
      assert.equal(message, `Waited 3 s for the lamp to be lit. The last state was: ${text}.`);
      assert.doesNotMatch(text, /^(?:it |without |still |waiting )|again$|[.!?]$/);
    });
  }
});
