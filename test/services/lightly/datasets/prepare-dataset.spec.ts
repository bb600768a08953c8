import assert from "node:assert/strict";
import type { Datasource } from "../../../../src/services/lightly/datasets/datasource-config.ts";
import { prepareDataset } from "../../../../src/services/lightly/datasets/prepare-dataset.ts";
import {
  created,
  DS,
  dataset,
  json,
  never,
  type Reply,
  refused,
  type StubLightly,
  startStubLightly,
} from "../stub-lightly.ts";

const QUERY = "GET /v1/datasets/query/name/my-videos";
const CREATE = "POST /v1/datasets";
const SET = `PUT /v1/datasets/${DS}/datasource`;

const ROLE = {
  kind: "role",
  roleArn: "arn:aws:iam::123456789012:role/LightlyAccess",
  externalId: "my-external-id-123",
} as const;
const INPUT: Datasource = { purpose: "INPUT", uri: "s3://bucket/input", region: "eu-central-1", access: ROLE };

describe("prepareDataset", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const prepare = (
    o: { name?: string; type?: "Videos" | "Images"; datasources?: readonly Datasource[]; signal?: AbortSignal } = {},
  ) =>
    prepareDataset({ client: stub.client, name: "my-videos", type: "Videos", datasources: [], signal: never(), ...o });

  it("creates a dataset that does not exist, with the requests of Lightly's own client", async () => {
    stub.on(QUERY, json([]));
    stub.on(CREATE, created(DS));
    assert.deepEqual(await prepare(), { datasetId: DS, created: true });
    assert.match(stub.to(QUERY)[0]?.search ?? "", /^\?shared=False&exact=True&pageSize=5000&pageOffset=0&token=/);
    assert.equal(stub.to(CREATE)[0]?.text, '{"name":"my-videos","type":"Videos","creator":"USER_PIP"}');
    assert.equal(stub.seen.length, 2);
  });

  it("uses an existing dataset, and does not change its datasources if none are given", async () => {
    stub.on(QUERY, json([dataset("my-videos")]));
    assert.deepEqual(await prepare(), { datasetId: DS, created: false });
    assert.equal(stub.seen.length, 1);
  });

  it("does not use a dataset whose name only starts with the name", async () => {
    stub.on(QUERY, json([dataset("my-videos-2"), dataset("my-videos_old")]));
    stub.on(CREATE, created("65f0c1a2b3c4d5e6f7a8b900"));
    assert.deepEqual(await prepare(), { datasetId: "65f0c1a2b3c4d5e6f7a8b900", created: true });
  });

  it("finds the name on the second page", async () => {
    const others = Array.from({ length: 5000 }, (_, index) => dataset(`my-videos-${index}`));
    stub.on(QUERY, ({ query }) => json(query.get("pageOffset") === "5000" ? [dataset("my-videos")] : others));
    assert.deepEqual(await prepare(), { datasetId: DS, created: false });
    assert.deepEqual(
      stub.to(QUERY).map(({ query }) => query.get("pageOffset")),
      ["0", "5000"],
    );
  });

  it("does not read forever from a server that ignores the offset", async () => {
    stub.on(QUERY, json(Array.from({ length: 5000 }, (_, index) => dataset(`my-videos-${index}`))));
    await assert.rejects(prepare(), { code: "LIGHTLY_RESPONSE_INVALID", message: /the same page again/ });
    assert.equal(stub.seen.length, 2);
  });

  it("accepts unknown keys in the response", async () => {
    stub.on(QUERY, json([{ ...dataset("my-videos"), brandNew: { a: 1 }, imgType: null }]));
    assert.equal((await prepare()).datasetId, DS);
  });

  it("refuses a dataset of another type, and names the type", async () => {
    stub.on(QUERY, json([dataset("my-videos", { type: "Images" })]));
    await assert.rejects(prepare({ datasources: [INPUT] }), {
      code: "LIGHTLY_DATASET_MISMATCH",
      message: /"my-videos" exists with the type Images, not Videos/,
    });
    assert.equal(stub.to(SET).length, 0);
  });

  for (const refusal of [
    refused(409, "DATASET_NAME_EXISTS"),
    refused(409, "CONFLICT"),
    refused(400, "DATASET_NAME_EXISTS"),
  ]) {
    it(`searches again if another client was faster (${JSON.stringify(refusal)})`, async () => {
      stub.on(QUERY, json([]), json([dataset("my-videos")]));
      stub.on(CREATE, refusal);
      assert.deepEqual(await prepare(), { datasetId: DS, created: false });
      assert.equal(stub.to(CREATE).length, 1);
    });
  }

  it("reports a name of a dataset that the token can't access", async () => {
    stub.on(QUERY, json([]));
    stub.on(CREATE, refused(409, "DATASET_NAME_EXISTS"));
    await assert.rejects(prepare(), { code: "LIGHTLY_REQUEST_REFUSED", message: /this token has no access to it/ });
    assert.equal(stub.to(CREATE).length, 3);
  });

  for (const lost of ["reset", refused(500, "X")] satisfies Reply[]) {
    it(`finds a created dataset if the response was lost (${JSON.stringify(lost)})`, async () => {
      stub.on(QUERY, json([]), json([dataset("my-videos")]));
      stub.on(CREATE, lost);
      assert.deepEqual(await prepare(), { datasetId: DS, created: false });
      assert.equal(stub.to(CREATE).length, 1);
    });
  }

  it("creates it again if the lost request was not processed", async () => {
    stub.on(QUERY, json([]));
    stub.on(CREATE, "reset", created(DS));
    assert.deepEqual(await prepare(), { datasetId: DS, created: true });
  });

  it("fails immediately without permission to create", async () => {
    stub.on(QUERY, json([]));
    stub.on(CREATE, refused(403, "FORBIDDEN"));
    await assert.rejects(prepare(), { code: "LIGHTLY_ACCESS_DENIED" });
    assert.equal(stub.seen.length, 2);
  });

  for (const [what, body] of [
    ["malformed JSON", "[{"],
    ["an object instead of a list", "{}"],
    ["an id in capitals", JSON.stringify([dataset("my-videos", { id: DS.toUpperCase() })])],
    ["nothing", ""],
  ] as const) {
    it(`names the endpoint if the response is ${what}`, async () => {
      stub.on(QUERY, { status: 200, body });
      await assert.rejects(prepare(), {
        code: "LIGHTLY_RESPONSE_INVALID",
        message: /response to GET \/v1\/datasets\/query\/name\/my-videos /,
      });
    });
  }

  it("stops between two requests when it is aborted", async () => {
    const controller = new AbortController();
    stub.on(QUERY, () => {
      controller.abort("stop");
      return json([]);
    });
    await assert.rejects(prepare({ signal: controller.signal }), { code: "ABORTED" });
    assert.equal(stub.to(CREATE).length, 0);
  });

  describe("checks the name before any request", () => {
    const wrong: Array<[string, RegExp]> = [
      ["my/videos", /has "\/" as character 3/],
      ["vidéos", /has "é" as character 4/],
      ["-videos", /has "-" as character 1/],
      [" videos", /has " " as character 1/],
      ["my.videos", /has "\." as character 3/],
      ["clips🎬", /has "🎬" as character 6/],
      ["ab", /has only 2 characters/],
      ["", /has only 0 characters/],
      ["line\n", /has "\\n" as character 5/],
    ];
    for (const [name, message] of wrong) {
      it(JSON.stringify(name), async () => {
        await assert.rejects(prepare({ name }), { code: "LIGHTLY_DATASET_NAME_INVALID", message });
        assert.equal(stub.seen.length, 0);
      });
    }

    it("accepts spaces, underscores and hyphens, percent-encoded", async () => {
      stub.on("GET /v1/datasets/query/name/My%20clips_2-b", json([dataset("My clips_2-b")]));
      assert.equal((await prepare({ name: "My clips_2-b" })).datasetId, DS);
    });
  });
});
