import assert from "node:assert/strict";
import type { JobReport } from "../../../../src/services/batch/job/job-report.ts";
import { JobLog } from "../../../../src/services/batch/log/job-log.ts";
import { jsonAnswer, jsonFault, serveLogs } from "../../aws/wire.ts";

const JOB = { logGroup: "/group", logStreams: ["one"] } as unknown as JobReport;
const signal = new AbortController().signal;

describe("JobLog", () => {
  let wire: Awaited<ReturnType<typeof serveLogs>>;
  let lines: string[];
  let faults: string[];
  let log: JobLog;
  /** The lines of each stream. A page ends behind `end` lines, or is empty at an index in `gaps`. */
  let streams: Record<string, string[]>;

  beforeEach(async () => {
    wire = await serveLogs();
    lines = [];
    faults = [];
    streams = { one: [] };
    log = new JobLog(wire.logs, { onLines: (read) => lines.push(...read), onFault: (fault) => faults.push(fault) });
    wire.answer = ({ input }) => {
      const stream = streams[String(input.logStreamName)];
      if (stream === undefined) {
        return jsonFault("ResourceNotFoundException");
      }
      const from = Number(String(input.nextToken ?? "f/0").slice(2));
      const to = Math.min(stream.length, from + 2);
      const events = stream.slice(from, to).map((message) => ({ message, timestamp: 1 }));
      return jsonAnswer({ events, nextForwardToken: `f/${to}`, nextBackwardToken: "b/0" });
    };
  });
  afterEach(() => wire.close());

  it("returns each line once, over pages and looks, from the first one on", async () => {
    streams.one = ["a", "b\n", "c"];
    await log.read(JOB, signal);
    streams.one.push("d");
    await log.read(JOB, signal);
    await log.drain(JOB, signal);
    assert.deepEqual(lines, ["a", "b", "c", "d"]);
    assert.equal(wire.requests[0]?.input.startFromHead, true);
  });

  it("goes on behind an empty page in the middle", async () => {
    wire.answer = ({ input }) => {
      const pages: Record<string, [string[], string]> = {
        undefined: [["a"], "f/1"],
        "f/1": [[], "f/2"],
        "f/2": [["b"], "f/3"],
      };
      const [messages, nextForwardToken] = pages[String(input.nextToken)] ?? [[], String(input.nextToken)];
      return jsonAnswer({ events: messages.map((message) => ({ message })), nextForwardToken });
    };
    await log.drain(JOB, signal);
    assert.deepEqual(lines, ["a", "b"]);
  });

  it("follows the streams of further attempts, and waits for streams that do not exist yet", async () => {
    streams = {};
    await log.read(JOB, signal);
    streams = { one: ["first"], two: ["second"] };
    await log.read({ ...JOB, logStreams: ["one", "two"] }, signal);
    assert.deepEqual([lines, faults], [["first", "second"], []]);
  });

  it("reports a missing permission once, and stops reading", async () => {
    wire.answer = () => jsonFault("AccessDeniedException", "User is not authorized");
    await log.read(JOB, signal);
    await log.read(JOB, signal);
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? "", /access denied/);
    assert.equal(wire.requests.length, 1);
  });

  describe("without its log group", () => {
    const missing = (): ReturnType<typeof jsonFault> =>
      jsonFault("ResourceNotFoundException", "The specified log group does not exist.");

    it("says so once, after some looks, and still reads what comes later", async () => {
      const answer = wire.answer;
      wire.answer = missing;
      await log.read(JOB, signal);
      await log.read(JOB, signal);
      assert.deepEqual(faults, []);
      for (let look = 0; look < 5; look += 1) {
        await log.read(JOB, signal);
      }
      await log.drain(JOB, signal);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? "", /^The log group \/group does not exist/);
      wire.answer = answer;
      streams.one = ["late"];
      await log.read(JOB, signal);
      assert.deepEqual(lines, ["late"]);
    });

    it("says so at the end of a short job", async () => {
      wire.answer = missing;
      await log.drain(JOB, signal);
      assert.equal(faults.length, 1);
    });

    it("says nothing if the group appears a moment after the container", async () => {
      const answer = wire.answer;
      wire.answer = missing;
      await log.read(JOB, signal);
      await log.read(JOB, signal);
      wire.answer = answer;
      streams.one = ["a"];
      await log.read(JOB, signal);
      await log.drain(JOB, signal);
      assert.deepEqual([lines, faults], [["a"], []]);
    });
  });

  it("survives throttling and failures, and continues later", async () => {
    const answer = wire.answer;
    wire.answer = () => jsonFault("ServiceUnavailableException", "oops", 503);
    await log.read(JOB, signal);
    wire.answer = answer;
    streams.one = ["late"];
    await log.read(JOB, signal);
    assert.deepEqual([lines, faults], [["late"], []]);
  });
});
