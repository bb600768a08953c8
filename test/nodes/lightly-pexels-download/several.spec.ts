import { deepEqual, equal, match } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { serve } from "../../services/http/file-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { loadFlow, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";

/** A page of Pexels with videos of these ids, each with one file. */
function pageOf(ids: readonly number[], link: (id: number) => string) {
  const size = { width: 320, height: 180 };
  const videos = ids.map((id) => {
    const file = { id, link: link(id), file_type: "video/mp4", quality: "sd", ...size };
    return { id, ...size, duration: 3, url: `https://www.pexels.com/video/${id}/`, user: {}, video_files: [file] };
  });
  return JSON.stringify({ videos, total_results: ids.length });
}

describe("the lightly-pexels-download node with several videos", () => {
  useNodeRed();
  const local = useSandbox();
  let folder = "";

  beforeEach(() => {
    folder = temporaryFolder();
  });

  const step = (values: Record<string, unknown>) => ({
    ...{ type: "lightly-pexels-download", account: "pexels", pick: "popular", page: "1", pageType: "num", seed: "" },
    ...{ maxWidth: "4000", output: "file", folder, folderType: "str", retries: "0", retrySeconds: "1", ...values },
  });

  /** A Pexels with videos 1 to `last`, of which some can't be downloaded; it counts the downloads at a time. */
  async function pexelsWith(last: number, broken: readonly number[] = []) {
    const loads = { now: 0, most: 0, files: [] as number[] };
    const server = await serve((request, response) => {
      const id = Number(/(\d+)\.mp4/.exec(request.url ?? "")?.[1]);
      if (!id) {
        const isFirst = request.url?.includes("page=1&") ?? false;
        const ids = isFirst ? Array.from({ length: last }, (_, index) => index + 1) : [];
        const page = pageOf(ids, (one) => server.url(`/${one}.mp4`).href);
        response.writeHead(200, { "content-type": "application/json" }).end(page);
        return;
      }
      loads.now += 1;
      loads.most = Math.max(loads.most, loads.now);
      loads.files.push(id);
      setImmediate(() => {
        loads.now -= 1;
        response.writeHead(broken.includes(id) ? 404 : 200, { "content-type": "video/mp4" }).end("bytes");
      });
    });
    const account = { id: "pexels", type: "lightly-pexels-account", apiUrl: server.url("").origin };
    return { server, loads, accounts: { ...local.accounts, others: [account] } };
  }

  const isOver = (flow: TestFlow) => () => flow.completed.length + flow.caught.length > 0;

  it("sends a message for each of different videos, as a sequence", async () => {
    const flow = await loadFlow({ step: step({ count: "2", countType: "num" }), ...local.accounts });
    flow.receive({ topic: "kept" });
    await flow.until(isOver(flow));
    const sent = flow.sent[0] ?? [];
    deepEqual(flow.caught, []);
    equal(new Set(sent.map(({ filename }) => filename)).size, 2);
    equal((await readdir(folder)).length, 2);
    deepEqual(
      sent.map(({ topic }) => topic),
      ["kept", "kept"],
    );
    deepEqual(
      sent.map(({ parts }) => ({ ...parts, id: "" })).sort((a, b) => (a.index ?? 0) - (b.index ?? 0)),
      [0, 1].map((index) => ({ id: "", type: "array", count: 2, len: 1, index })),
    );
  });

  it("downloads at most four at a time, and says when there are fewer than wanted", async () => {
    const { server, loads, accounts } = await pexelsWith(30);
    try {
      const flow = await loadFlow({ step: step({ count: "40", countType: "num" }), ...accounts });
      flow.receive({});
      await flow.until(isOver(flow));
      equal(flow.sent[0]?.length, 30);
      equal(new Set(loads.files).size, 30);
      equal(loads.most <= 4, true, `${loads.most} at a time`);
      equal(flow.sent[0]?.[0]?.parts?.count as unknown, 30);
      match(flow.statuses.at(-1)?.text ?? "", /doneAll$|30 videos/);
    } finally {
      await server.close();
    }
  });

  it("sends a video that fails to Catch, as a part of the sequence, and the others by its output", async () => {
    const { server, accounts } = await pexelsWith(5, [3]);
    try {
      const flow = await loadFlow({ step: step({ count: "5", countType: "num" }), ...accounts });
      flow.receive({});
      await flow.until(() => flow.completed.length > 0);
      equal(flow.sent[0]?.length, 4);
      deepEqual(
        flow.caught.map(({ error }) => error.code),
        ["DOWNLOAD_FAILED"],
      );
      const indices = [...(flow.sent[0] ?? []), ...flow.caught].map(({ parts }) => parts?.index ?? -1);
      deepEqual(indices.sort(), [0, 1, 2, 3, 4]);
      equal((await readdir(folder)).length, 4);
    } finally {
      await server.close();
    }
  });

  it("sends a number of one from the message as a sequence, and one of the form as a message", async () => {
    const flow = await loadFlow({ step: step({ count: "wanted", countType: "msg" }), ...local.accounts });
    flow.receive({ wanted: 1, parts: { id: "outer", index: 0, count: 1 } });
    await flow.until(isOver(flow));
    const [message] = flow.sent[0] ?? [];
    equal(message?.parts?.count as unknown, 1);
    deepEqual((message?.parts as { parts?: unknown })?.parts, { id: "outer", index: 0, count: 1 });
  });
});
