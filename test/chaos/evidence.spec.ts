import { deepEqual, equal } from "node:assert/strict";
import type { SandboxEvent } from "lightly-aws-sandbox";
import { isTimer, spansOf } from "./evidence.ts";

const event = (id: number, details: Record<string, unknown>): SandboxEvent => ({
  ...details,
  id,
  at: id * 100,
  time: new Date(id * 100).toISOString(),
  kind: String(details.kind ?? "worker"),
});

describe("The evidence from the sandbox's record", () => {
  it("distinguishes the auto-stop timer from the worker's script", () => {
    const command = (...commands: string[]): SandboxEvent => event(1, { kind: "command", commands });
    equal(isTimer(command("shutdown -h +30")), true);
    equal(isTimer(command("shutdown -c")), true);
    equal(isTimer(command("script='/home/ubuntu/run.sh'", 'exec "$@"')), false);
    equal(isTimer(command("run", "shutdown -h now")), false);
    equal(isTimer(command()), false);
  });

  it("combines starts and ends of processes, also of a reused process id", () => {
    const events = [
      event(1, { pid: 10, state: "started" }),
      event(2, { pid: 11, state: "started" }),
      event(3, { pid: 10, state: "ended" }),
      event(4, { pid: 10, state: "started" }),
    ];
    deepEqual(spansOf(events), [{ from: 100, to: 300 }, { from: 200 }, { from: 400 }]);
  });
});
