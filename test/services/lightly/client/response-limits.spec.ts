import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { readPages } from "../../../../src/services/lightly/client/read-pages.ts";
import { prepareDataset } from "../../../../src/services/lightly/datasets/prepare-dataset.ts";
import { taggedFrames } from "../../../../src/services/lightly/frames/tagged-frames.ts";
import { findTag } from "../../../../src/services/lightly/tags/find-tag.ts";
import { selectedFilenames } from "../../../../src/services/lightly/tags/selected-filenames.ts";
import { DS, never, type Seen, type StubLightly, startStubLightly, T0 } from "../stub-lightly.ts";

const NAMES = `GET /v1/datasets/${DS}/tags/${T0}/export/basic/filenames`;
const TASKS = `GET /v1/datasets/${DS}/tags/${T0}/export/LabelStudio/tasks`;
const MIB = 2 ** 20;

describe("endless responses of a Lightly server", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const names = () => selectedFilenames({ client: stub.client, datasetId: DS, tagId: T0, signal: never() });
  const isRefused = (message: RegExp) => (error: unknown) =>
    error instanceof PipelineError && error.code === "LIGHTLY_RESPONSE_INVALID" && message.test(error.message);
  const offsetOf = ({ query }: Seen): number => Number(query.get("pageOffset"));

  let zipped: Buffer | undefined;
  /** 256 MiB compressed to 256 KiB. */
  function bomb(status: number): void {
    zipped ??= gzipSync(Buffer.alloc(256 * MIB, "a"));
    stub.on(NAMES, (_seen, response) => {
      response.writeHead(status, { "content-type": "application/json", "content-encoding": "gzip" }).end(zipped);
      return "hang";
    });
  }

  it("are read up to a limit of decompressed bytes", async () => {
    bomb(200);
    const before = process.memoryUsage.rss();
    await assert.rejects(names(), isRefused(/is larger than 16 MiB/));
    assert.ok(process.memoryUsage.rss() - before < 192 * MIB);
  });

  it("are not read completely if they are errors", async () => {
    bomb(400);
    await assert.rejects(names(), (error: PipelineError) => {
      assert.equal(error.code, "LIGHTLY_REQUEST_REFUSED");
      assert.ok(error.message.length < 1000);
      return true;
    });
  });

  it("are refused if a list always has another full page", async () => {
    // Only the first item of a page is new: otherwise the test would take most of its time to make them.
    const names4999 = Array.from({ length: 4999 }, (_, index) => `${index}`).join("\n");
    stub.on(NAMES, (seen) => ({ status: 200, body: `first of ${offsetOf(seen)}\n${names4999}` }));
    await assert.rejects(names(), isRefused(/a list that exceeds 1000000 items/));
    const frame = (name: string | number) => JSON.stringify({ data: { image: "x", lightlyFileName: `${name}` } });
    const frames499 = Array.from({ length: 499 }, (_, index) => frame(index)).join();
    stub.on(TASKS, (seen) => ({ status: 200, body: `[${frame(`first of ${offsetOf(seen)}`)},${frames499}]` }));
    const reading = taggedFrames({ client: stub.client, datasetId: DS, tagId: T0, urlSeconds: 60, signal: never() });
    await assert.rejects(
      async () => {
        for await (const _page of reading) {
          // Only read.
        }
      },
      isRefused(/a list that exceeds 500000 items/),
    );
  });

  it("are refused if two pages alternate forever", async () => {
    const datasets = (letter: string) =>
      Array.from({ length: 5000 }, (_, index) => ({ id: DS, name: `street ${letter} ${index}`, type: "Videos" }));
    const [even, odd] = [JSON.stringify(datasets("a")), JSON.stringify(datasets("b"))];
    stub.on("GET /v1/datasets/query/name/street", (seen) => ({
      status: 200,
      body: offsetOf(seen) % 10_000 === 0 ? even : odd,
    }));
    const request = { client: stub.client, name: "street", type: "Videos", datasources: [], signal: never() } as const;
    await assert.rejects(prepareDataset(request), isRefused(/a list that exceeds/));
  });

  it("are refused after the time limit of all requests", async () => {
    stub.on(NAMES, async (seen) => {
      await stub.clock.sleep(6 * 60_000, never());
      return { status: 200, body: `${seen.query.get("pageOffset")}\nb` };
    });
    const pages = readPages({
      client: stub.client,
      path: NAMES.slice("GET ".length),
      pageSize: 2,
      itemsIn: ({ text }) => text.split("\n"),
      signal: never(),
    });
    await assert.rejects(
      async () => {
        for await (const _page of pages) {
          // Only read.
        }
      },
      isRefused(/a list that exceeds 15 min/),
    );
    assert.equal(stub.to(NAMES).length, 3);
  });

  it("may have any number of names on a page", async () => {
    const all = Array.from({ length: 400_000 }, (_, index) => `frame-${index}.png`);
    stub.on(NAMES, { status: 200, body: all.join("\n") }, { status: 200, body: "" });
    assert.equal((await names()).length, 400_000);
  });

  it("cause one error for any number of invalid items", async () => {
    const path = `GET /v1/datasets/${DS}/tags`;
    stub.on(path, { status: 200, body: `[${"1,".repeat(2_000_000)}1]` });
    await assert.rejects(
      findTag({ client: stub.client, datasetId: DS, tag: "x", signal: never() }),
      isRefused(/unexpected structure at \[0\]/),
    );
  });
});
