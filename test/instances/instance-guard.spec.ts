import { deepEqual, equal, rejects } from "node:assert/strict";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import type { StopAttemptOptions } from "../../src/instances/instance-control.ts";
import { InstanceGuard } from "../../src/instances/instance-guard.ts";
import { FakeControl } from "../runs/fake-control.ts";
import { type FakeClock, manualClock } from "../support/fake-clock.ts";

const ID = "i-0123456789abcdef0";
const denied = new PipelineError("EC2_ACCESS_DENIED", "These credentials may not do this.");
const unknown = new PipelineError("EC2_INSTANCE_NOT_FOUND", "There is no such instance.");

describe("the guard of an instance", () => {
  let clock: FakeClock;
  let control: FakeControl;
  let guard: InstanceGuard;
  let isNeeded: boolean;
  let isLeased: boolean;
  let told: string[];

  beforeEach(() => {
    clock = manualClock();
    control = new FakeControl();
    isNeeded = false;
    isLeased = false;
    told = [];
    guard = new InstanceGuard(ID, {
      isNeeded: () => isNeeded,
      isLeased: () => isLeased,
      onStopping: () => told.push("stopping"),
      onStopped: () => told.push("off"),
      onForeign: () => told.push("foreign"),
      onLost: ({ state }) => told.push(`lost: ${state}`),
      clock,
    });
  });

  const pass = async (ms: number): Promise<void> => {
    await turn();
    clock.advance(ms);
    await turn();
  };

  it("stops it, and reports the start of the stop and when EC2 reports it as stopped", async () => {
    guard.useControl(control);
    const stopped = await guard.stop({});
    equal(stopped?.instance.state, "stopped");
    deepEqual(told, ["stopping", "off"]);
  });

  it("waits for clients if an order comes before them", async () => {
    const stopped = guard.stop({});
    await turn();
    equal(control.tries.length, 0);
    guard.useControl(control);
    equal((await stopped)?.instance.state, "stopped");
  });

  it("sends no request without an order", async () => {
    guard.useControl(control);
    guard.expectRunning(true);
    isNeeded = true;
    guard.reconcile();
    await pass(1000);
    equal(control.tries.length, 0);
  });

  for (const code of ["AWS_CREDENTIALS_MISSING", "AWS_REGION_MISSING"] as const) {
    describe(`with ${code}`, () => {
      const unset = new PipelineError(code, "Nothing is set.");

      it("ends the stop of an instance that no run has leased at once, with one error", async () => {
        control.refusals.push(unset);
        guard.useControl(control);
        const troubles: string[] = [];
        await rejects(guard.stop({ onRetry: (error) => troubles.push(error.code) }), {
          code,
          message: `Nothing is set. No run has started ${ID}, so the stop is not repeated.`,
        });
        deepEqual([troubles, control.tries.length, guard.isStopping], [[], 1, false]);
        equal((await guard.stop({}))?.instance.state, "stopped", "a later order is tried");
      });

      it("tries the clients of each account first", async () => {
        control.refusals.push(unset);
        guard.useControl(control);
        const other = new FakeControl("other");
        other.refusals.push(unset);
        guard.useControl(other);
        const ended = rejects(guard.stop({}), { code });
        await pass(1000);
        await ended;
        deepEqual([control.tries.length, other.tries.length], [1, 1]);
      });

      it("retries the stop of an instance that a run has leased, or whose state EC2 has reported", async () => {
        control.refusals.push(unset);
        guard.useControl(control);
        isLeased = true;
        const stopped = guard.stop({});
        await pass(1000);
        equal((await stopped)?.instance.state, "stopped");
        isLeased = false;
        control.refusals.push(unset);
        const again = guard.stop({});
        await pass(1000);
        equal((await again)?.instance.state, "stopped");
      });
    });
  }

  for (const error of [
    denied,
    new PipelineError("AWS_CREDENTIALS_INVALID", "No."),
    new PipelineError("INTERNAL", "?"),
  ]) {
    it(`retries after ${error.code}, with growing pauses, and reports each refusal to the order`, async () => {
      control.refusals.push(error, error, error);
      guard.useControl(control);
      const troubles: string[] = [];
      const stopped = guard.stop({ onRetry: ({ code }) => troubles.push(code) });
      for (const ms of [1000, 2000, 4000]) {
        await pass(ms - 1);
        const before = control.tries.length;
        await pass(1);
        equal(control.tries.length, before + 1);
      }
      equal((await stopped)?.instance.state, "stopped");
      deepEqual(troubles, [error.code, error.code, error.code]);
    });
  }

  it("continues for hours, with the clients of each account in turn", async () => {
    const other = new FakeControl("other");
    for (let count = 0; count < 200; count += 1) {
      control.refusals.push(denied);
      other.refusals.push(denied);
    }
    guard.useControl(control);
    guard.useControl(other);
    void guard.stop({});
    for (let minute = 0; minute < 100; minute += 1) {
      await pass(60_000);
    }
    equal(control.tries.length > 40 && other.tries.length > 40, true);
    equal(guard.isStopping, true);
  });

  it("replaces the clients of the same account", async () => {
    control.refusals.push(denied);
    guard.useControl(control);
    const stopped = guard.stop({});
    await turn();
    const renewed = new FakeControl();
    guard.useControl(renewed);
    equal((await stopped)?.instance.state, "stopped");
    deepEqual([control.tries.length, renewed.tries.length], [1, 1]);
  });

  it("gives up an attempt that gets no answer as soon as there are new clients", async () => {
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
    const unreachable = async ({ signal }: StopAttemptOptions): Promise<never> => {
      await once(signal, "abort");
      giveUp();
      throw signal.reason;
    };
    guard.useControl({ ...control, stop: unreachable });
    const stopped = guard.stop({});
    await turn();
    guard.useControl(control);
    equal((await stopped)?.instance.state, "stopped");
    await givenUp;
    deepEqual(told, ["stopping", "off"]);
  });

  it("watches a running instance with new clients at once", async () => {
    isNeeded = true;
    guard.expectRunning(true);
    guard.useControl({ ...control, describe: () => Promise.reject(denied) });
    await turn();
    guard.useControl(control);
    control.state = "stopped";
    await pass(60_000);
    deepEqual(told, ["lost: stopped"]);
  });

  it("drops an order when a run needs the instance again, and reports that to the order", async () => {
    control.refusals.push(denied);
    guard.useControl(control);
    const stopped = guard.stop({});
    await turn();
    isNeeded = true;
    guard.reconcile();
    equal(await stopped, undefined);
    await pass(60_000);
    equal(control.tries.length, 1);
    equal(control.state, "running");
  });

  it("processes an order with `anyway`, although a run needs the instance", async () => {
    isNeeded = true;
    guard.useControl(control);
    equal((await guard.stop({ anyway: true }))?.instance.state, "stopped");
  });

  it("refuses an id that EC2 does not know and no run has used", async () => {
    control.refusals.push(unknown);
    guard.useControl(control);
    await rejects(guard.stop({}), { code: "EC2_INSTANCE_NOT_FOUND" });
    equal(guard.isStopping, false);
  });

  it("treats an instance that a run has used and EC2 does not know in five attempts as terminated", async () => {
    guard.expectRunning(true);
    control.refusals.push(unknown, unknown, unknown, unknown, unknown);
    guard.useControl(control);
    const stopped = guard.stop({});
    for (let count = 0; count < 5; count += 1) {
      await pass(60_000);
    }
    equal((await stopped)?.instance.state, "terminated");
    equal(control.tries.length, 5);
    deepEqual(told, ["stopping", "off"]);
  });

  it("combines orders: one attempt serves all of them", async () => {
    let accepted = 0;
    guard.useControl(control);
    const onAccepted = (): void => {
      accepted += 1;
    };
    const all = await Promise.all([
      guard.stop({ onAccepted, hibernate: false }),
      guard.stop({ onAccepted, hibernate: true }),
    ]);
    deepEqual(
      all.map((one) => one?.instance.state),
      ["stopped", "stopped"],
    );
    deepEqual([control.tries.length, accepted], [1, 2]);
    equal(control.tries[0]?.hibernate, false);
  });

  it("forces the stop after the time in the order, counted from its acceptance", async () => {
    const stuck = async (request: StopAttemptOptions): Promise<never> => {
      control.tries.push(request);
      if (control.tries.length > 2) {
        request.onAccepted();
      }
      throw control.tries.length > 2 ? new PipelineError("TIMED_OUT", "It is still stopping.") : denied;
    };
    guard.useControl({ ...control, stop: stuck });
    void guard.stop({ forceAfterMs: 60_000 });
    await turn();
    equal(control.tries[0]?.timeoutMs, 60_000);
    for (const ms of [1000, 60_000, 4000, 60_000]) {
      await pass(ms);
    }
    deepEqual(
      control.tries.map(({ force }) => force),
      [false, false, false, false, true],
    );
  });

  it("keeps an instance running that was started after the time in the order", async () => {
    control.launchedAt = "2026-01-02T00:00:00.000Z";
    guard.useControl(control);
    equal(await guard.stop({ launchedBefore: Date.parse("2026-01-01") }), undefined);
    equal(control.state, "running");
    deepEqual(told, ["stopping", "foreign"]);
  });

  it("detects the loss of an instance within two checks, and reports it once", async () => {
    isNeeded = true;
    guard.useControl(control);
    guard.expectRunning(true);
    await pass(30_000);
    deepEqual(told, []);
    control.state = "stopping";
    await pass(30_000);
    await pass(30_000);
    await pass(30_000);
    deepEqual(told, ["lost: stopping"]);
  });

  it("detects the loss at once when something has failed on the instance, and reports it before the check resolves", async () => {
    isNeeded = true;
    guard.useControl(control);
    guard.expectRunning(true);
    await guard.check();
    deepEqual([told, control.looks], [[], 1], "it is running");
    control.refusals.push(denied);
    await guard.check();
    deepEqual(told, [], "the state is not known");
    control.state = "shutting-down";
    await guard.check();
    deepEqual(told, ["lost: shutting-down"]);
    await guard.check();
    await pass(60_000);
    deepEqual([told.length, control.looks], [1, 3], "it is reported once, and no longer watched");
  });

  it("does not call an instance lost that is being stopped", async () => {
    isNeeded = true;
    guard.useControl(control);
    guard.expectRunning(true);
    control.state = "stopping";
    const checked = guard.check();
    void guard.stop({ anyway: true });
    await checked;
    equal(told.includes("lost: stopping"), false);
  });

  it("treats an instance that EC2 does not know in two checks as lost, and ignores other errors", async () => {
    isNeeded = true;
    guard.useControl(control);
    guard.expectRunning(true);
    control.refusals.push(denied, unknown, denied, denied, unknown, unknown);
    for (let count = 0; count < 5; count += 1) {
      await pass(60_000);
      deepEqual(told, []);
    }
    await pass(60_000);
    deepEqual(told, ["lost: terminated"]);
  });

  it("does not check an instance that no run uses, or that is being stopped", async () => {
    guard.useControl(control);
    guard.expectRunning(true);
    await pass(60_000);
    isNeeded = true;
    guard.reconcile();
    const never = Promise.withResolvers<void>();
    control.untilOff = never.promise;
    void guard.stop({ anyway: true });
    await pass(60_000);
    await pass(60_000);
    equal(control.looks, 0);
    deepEqual(told, ["stopping"]);
  });
});
