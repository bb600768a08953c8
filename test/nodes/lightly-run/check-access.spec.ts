import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { checkAccess } from "../../../src/nodes/lightly-run/check-access.ts";
import type { StepContext } from "../../../src/nodes/shared/step/step-context.ts";
import type { StepRole } from "../../../src/records/run-record.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import type { Datasource } from "../../../src/services/lightly/datasets/datasource-config.ts";
import { DS, json, refused, type StubLightly, startStubLightly } from "../../services/lightly/stub-lightly.ts";
import { contextOf } from "../support/step-context.ts";
import { until } from "../support/until.ts";

const VERIFY = `GET /v1/datasets/${DS}/datasource/verify`;
const granted = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
const unread = json({ ...granted, canRead: false });
const access = { kind: "role", roleArn: "arn:aws:iam::123456789012:role/L", externalId: "0123456789" } as const;
const datasources: Datasource[] = [
  { purpose: "INPUT", uri: "s3://in/videos", region: "eu-central-1", access },
  { purpose: "LIGHTLY", uri: "s3://out/lightly", region: "eu-central-1", access },
];

describe("the check of the buckets before an instance is started", () => {
  let stub: StubLightly;
  let runs: RunRegistry;
  let context: StepContext;
  let warnings: string[];
  before(async () => {
    stub = await startStubLightly();
  });
  after(() => stub.close());
  beforeEach(() => {
    stub.reset();
    runs = new RunRegistry();
    warnings = [];
    context = contextOf(begin("select"));
    Reflect.set(context, "warn", (text: string) => warnings.push(text));
  });

  /** Registers a node that leads to these nodes. */
  function register(role: StepRole, leadsTo: readonly StepRole[] = []): void {
    const nothing = (): void => {};
    const node = { type: role, role, resume: nothing, send: nothing, sendError: nothing };
    runs.nodes.register(role, { ...node, leadsTo: (id) => leadsTo.includes(id as StepRole) });
  }

  /** Starts a step in a new node that leads to these nodes. */
  function begin(role: StepRole, leadsTo: readonly StepRole[] = []): Step {
    register(role, leadsTo);
    return runs.begin("r", { nodeId: role, type: role, role, name: role, alwaysRuns: false });
  }
  const check = () => checkAccess(context, { client: stub.client, datasetId: DS, datasetName: "street", datasources });

  it("passes if Lightly has all permissions", async () => {
    stub.on(VERIFY, json(granted));
    await check();
    equal(stub.to(VERIFY).length, 1);
  });

  it("fails at once if writing is missing, even while a file is uploaded", async () => {
    begin("upload");
    stub.on(VERIFY, json({ ...granted, canWrite: false, errors: { canWrite: "AccessDenied" } }));
    await rejects(check(), {
      code: "LIGHTLY_DATASOURCE_DENIED",
      message: /can't write .*s3:\/\/out\/lightly.*AccessDenied/,
    });
    equal(stub.to(VERIFY).length, 1);
  });

  it("fails at once if Lightly says that reading is denied", async () => {
    begin("upload");
    stub.on(VERIFY, json({ ...granted, canRead: false, errors: { canRead: "Access Denied" } }));
    await rejects(check(), { code: "LIGHTLY_DATASOURCE_DENIED" });
  });

  it("is repeated when the upload has ended, because an empty input may look like one that can't be read", async () => {
    const upload = begin("upload");
    stub.on(VERIFY, unread, json(granted));
    const checked = check();
    await until(() => stub.to(VERIFY).length === 1);
    await turn();
    equal(stub.to(VERIFY).length, 1);
    upload.complete({});
    await checked;
    equal(stub.to(VERIFY).length, 2);
  });

  it("is repeated when an ec2 start waits for it, even if an upload follows that", async () => {
    register("upload");
    const download = begin("download", ["upload", "start"]);
    stub.on(VERIFY, unread);
    const checked = check();
    await until(() => stub.to(VERIFY).length === 1);
    await turn();
    equal(stub.to(VERIFY).length, 1);
    begin("start", ["upload"]);
    download.complete({});
    await rejects(checked, { code: "LIGHTLY_DATASOURCE_DENIED", message: /can't read .*s3:\/\/in\/videos/ });
  });

  it("does not wait for uploads behind the step itself", async () => {
    runs.nodes.register("select", { ...runs.nodes.get("select"), leadsTo: (id: string) => id === "upload" } as never);
    stub.on(VERIFY, unread);
    await rejects(check(), { code: "LIGHTLY_DATASOURCE_DENIED" });
    equal(stub.to(VERIFY).length, 2);
  });

  it("passes if Lightly says no more than that there are no files", async () => {
    stub.on(VERIFY, json({ ...granted, canRead: false, errors: { canRead: "No files found" } }));
    await check();
    deepEqual(warnings, []);
  });

  it("is a warning if the check itself fails, since the worker may have the permissions", async () => {
    for (const reply of [refused(404, "NOT_FOUND"), refused(403, "FORBIDDEN"), refused(500, "X"), json("?")]) {
      stub.on(VERIFY, reply);
      await check();
    }
    equal(warnings.length, 4);
    match(warnings[0] ?? "", /could not be checked\. .*NOT_FOUND/);
  });

  it("fails if the token is refused, or the dataset was deleted", async () => {
    stub.on(VERIFY, refused(401, "UNAUTHORIZED"));
    await rejects(check(), { code: "LIGHTLY_UNAUTHORIZED" });
    stub.on(VERIFY, refused(404, "DATASET_UNKNOWN"));
    await rejects(check(), { code: "LIGHTLY_DATASET_NOT_FOUND" });
  });
});
