import { deepEqual, equal } from "node:assert/strict";
import { instanceUses } from "../../src/records/instance-use.ts";
import { MINUTE, run, step } from "./a-run.ts";

const ID = "i-0123456789abcdef0";
const started = (launchedAt?: number) => ({
  checkpoint: { instanceIds: [ID] },
  result: {
    ec2: {
      instanceIds: [ID],
      instances: [
        {
          instanceId: ID,
          instanceType: "g4dn.xlarge",
          ...(launchedAt === undefined ? {} : { launchedAt: new Date(launchedAt * MINUTE).toISOString() }),
        },
      ],
    },
  },
});
const stopped = { result: { ec2: { instanceIds: [ID], keptRunning: [] } } };
const command = { checkpoint: { instanceIds: [ID] }, result: { ssm: { invocations: [{ instanceId: ID }] } } };

describe("the running time of a run's instance", () => {
  it("is from its launch to the end of its stop, and idle where no command ran", () => {
    const uses = instanceUses(
      run([
        step("lightly-ec2-start", 0, 4, started(1)),
        step("lightly-ssm-run-script", 5, 15, command),
        step("lightly-ec2-stop", 18, 21, stopped),
      ]),
      99 * MINUTE,
    );
    deepEqual(uses, [
      {
        instanceId: ID,
        instanceType: "g4dn.xlarge",
        runningMs: 20 * MINUTE,
        workingMs: 10 * MINUTE,
        idleMs: 10 * MINUTE,
        isLeftRunning: false,
      },
    ]);
  });

  it("begins with the request while a start that has waited for an upload is running", () => {
    const checkpoint = { instanceIds: [ID] };
    const phases = [
      { name: "uploading", startedAt: 0 },
      { name: "boot", startedAt: 60 * MINUTE },
    ];
    const [use] = instanceUses(run([step("lightly-ec2-start", 0, undefined, { checkpoint, phases })]), 61 * MINUTE);
    equal(use?.runningMs, MINUTE);
  });

  it("ends when EC2 has reported the instance as stopped, although no step has stopped it", () => {
    const { checkpoint, result } = started(1);
    const observed = { result, checkpoint: { ...checkpoint, stoppedAt: { [ID]: 7 * MINUTE } } };
    const [use] = instanceUses(run([step("lightly-ec2-start", 0, 4, observed)]), 99 * MINUTE);
    deepEqual([use?.runningMs, use?.isLeftRunning], [6 * MINUTE, false]);
  });

  it("is busy while LightlyStudio selects on it, and idle while a worker's run is only awaited", () => {
    const between = (type: string, more: object) =>
      instanceUses(
        run([
          step("lightly-ec2-start", 0, 1, started(0)),
          step(type, 2, 8, more),
          step("lightly-ec2-stop", 9, 10, stopped),
        ]),
        0,
      )[0]?.idleMs;
    equal(between("lightly-studio-select", { checkpoint: { instanceIds: [ID], commandId: "c" } }), 4 * MINUTE);
    equal(between("lightly-run", { checkpoint: { datasetId: "d" } }), 10 * MINUTE);
  });

  it("begins with the start step if the instance was already running", () => {
    const [use] = instanceUses(
      run([step("lightly-ec2-start", 10, 11, started(-300)), step("lightly-ec2-stop", 20, 22, stopped)]),
      0,
    );
    deepEqual([use?.runningMs, use?.idleMs], [12 * MINUTE, 12 * MINUTE]);
  });

  it("grows while the run is running, with an unknown type until the instance has started", () => {
    const [use] = instanceUses(
      run([step("lightly-ec2-start", 0, undefined, { checkpoint: { instanceIds: [ID] } })]),
      7 * MINUTE,
    );
    deepEqual(use, { instanceId: ID, runningMs: 7 * MINUTE, workingMs: 0, idleMs: 7 * MINUTE, isLeftRunning: false });
  });

  it("ends with a run that has not stopped it, which is reported", () => {
    const keptRunning = { result: { ec2: { instanceIds: [ID], keptRunning: [ID] } } };
    const [use] = instanceUses(
      run([step("lightly-ec2-start", 0, 1, started(0)), step("lightly-ec2-stop", 9, 10, keptRunning)]),
      99 * MINUTE,
    );
    deepEqual([use?.runningMs, use?.isLeftRunning], [10 * MINUTE, true]);
  });

  it("leaves out the time between a stop and the start of a retry", () => {
    const [use] = instanceUses(
      run([
        step("lightly-ec2-start", 0, 1, started(0)),
        step("lightly-ec2-stop", 4, 5, stopped),
        step("lightly-ec2-start", 60, 61, started(60)),
        step("lightly-ssm-run-script", 61, 64, command),
        step("lightly-ec2-stop", 64, 65, stopped),
      ]),
      99 * MINUTE,
    );
    deepEqual([use?.runningMs, use?.idleMs], [10 * MINUTE, 7 * MINUTE]);
  });

  it("is nothing for a start that was skipped before it had chosen an instance", () => {
    deepEqual(instanceUses(run([step("lightly-ec2-start", 0, 1, { state: "skipped" })]), 0), []);
  });

  it("counts no time of a script that was skipped as busy", () => {
    const skipped = { state: "skipped", checkpoint: { instanceIds: [ID] } } as const;
    const [use] = instanceUses(
      run([
        step("lightly-ec2-start", 0, 1, started(0)),
        step("lightly-ssm-run-script", 1, 5, skipped),
        step("lightly-ec2-stop", 5, 6, stopped),
      ]),
      0,
    );
    deepEqual([use?.runningMs, use?.idleMs], [6 * MINUTE, 6 * MINUTE]);
  });

  it("is nothing for a run without an instance", () => {
    deepEqual(instanceUses(run([step("lightly-s3-upload", 0, 1)]), 0), []);
  });
});
