import assert from "node:assert/strict";
import { cancelRun } from "../../../../src/services/lightly/runs/cancel-run.ts";
import { DS, json, never, refused, SCH, type StubLightly, scheduled, startStubLightly } from "../stub-lightly.ts";

const CANCEL = `PUT /v1/datasets/${DS}/docker/worker/schedule/${SCH}`;
const LIST = `GET /v1/datasets/${DS}/docker/worker/schedule`;

describe("cancelRun", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const cancel = () => cancelRun({ client: stub.client, datasetId: DS, scheduledRunId: SCH, signal: never() });

  it("sends a PUT without a body", async () => {
    stub.on(CANCEL, { status: 204 });
    assert.equal(await cancel(), "canceled");
    assert.deepEqual([stub.seen.length, stub.seen[0]?.text, stub.seen[0]?.headers["content-length"]], [1, "", "0"]);
  });

  for (const [state, outcome] of [
    ["LOCKED", "running"],
    ["DONE", "gone"],
    ["CANCELED", "canceled"],
  ] as const) {
    for (const status of [400, 404, 409, 422]) {
      it(`returns "${outcome}" for a refusal with ${status} and the state ${state} in the list`, async () => {
        stub.on(CANCEL, refused(status, "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED"));
        stub.on(LIST, json([scheduled(state)]));
        assert.equal(await cancel(), outcome);
      });
    }
  }

  it('returns "gone" if Lightly knows neither the run nor the dataset', async () => {
    stub.on(CANCEL, refused(404, "DOCKER_WORKER_SCHEDULE_UNKNOWN"));
    stub.on(LIST, json([]));
    assert.equal(await cancel(), "gone");
    stub.on(CANCEL, refused(404, "DATASET_UNKNOWN"));
    assert.equal(await cancel(), "gone");
  });

  it("throws the refusal if the run is still OPEN", async () => {
    stub.on(CANCEL, refused(400, "BAD_REQUEST", "not today"));
    stub.on(LIST, json([scheduled("OPEN")]));
    await assert.rejects(cancel(), { code: "LIGHTLY_REQUEST_REFUSED", message: /not today/ });
  });

  it('returns "canceled" if the first response was lost and the second one says that the run is not OPEN', async () => {
    stub.on(CANCEL, "reset", refused(409, "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED"));
    stub.on(LIST, json([scheduled("CANCELED")]));
    assert.equal(await cancel(), "canceled");
  });

  it("does not treat a refused token as a result", async () => {
    stub.on(CANCEL, refused(401, "UNAUTHORIZED"));
    await assert.rejects(cancel(), { code: "LIGHTLY_UNAUTHORIZED" });
  });
});
