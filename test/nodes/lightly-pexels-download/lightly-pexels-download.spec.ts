import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import type { PickedVideo } from "../../../src/services/pexels/pick-video.ts";
import { useNoAllowedHosts } from "../../services/http/allowed.ts";
import { serve } from "../../services/http/file-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";

/** A video on Pexels with one file. */
function videoAt(link: string) {
  const size = { width: 320, height: 180 };
  const file = { id: 1, link, file_type: "video/mp4", quality: "sd", ...size };
  return { id: 7, ...size, duration: 3, url: "https://www.pexels.com/video/7/", user: {}, video_files: [file] };
}

describe("the lightly-pexels-download node", () => {
  useNodeRed();
  const local = useSandbox();
  let folder = "";

  beforeEach(() => {
    folder = temporaryFolder();
  });

  const step = () => ({
    type: "lightly-pexels-download",
    account: "pexels",
    pick: "popular",
    videoId: "",
    videoIdType: "num",
    page: "",
    pageType: "num",
    seed: "7",
    seedType: "str",
    maxWidth: "400",
    output: "file",
    folder,
    folderType: "str",
  });

  it("downloads a complete video within the width limit, and reports its author", async () => {
    const flow = await loadFlow({ step: step(), ...local.accounts });
    flow.receive({ topic: "kept" });
    await flow.until(() => flow.completed.length > 0);
    const video = result<PickedVideo>(flow, "pexels");
    equal(video.author, "Sandbox clips");
    match(video.pageUrl, /^http/);
    ok(video.rendition.width <= 400);
    equal(video.rendition.fileType, "video/mp4");
    const file = result<string>(flow, "filename");
    equal((await stat(file)).size, video.rendition.bytes ?? (await stat(file)).size);
    equal(result<string>(flow, "payload"), file);
    equal(result<string>(flow, "topic"), "kept");
    deepEqual(
      (await readdir(folder)).filter((name) => name.includes(".part")),
      [],
    );
  });

  describe("when no host is allowed", () => {
    useNoAllowedHosts();

    it("still downloads from the server of the account", async () => {
      const flow = await loadFlow({ step: step(), ...local.accounts });
      flow.receive({});
      await flow.until(() => flow.completed.length + flow.caught.length > 0);
      deepEqual(flow.caught, []);
      equal((await readdir(folder)).length, 1);
    });

    it("does not download from another non-public address that this server names", async () => {
      const inner = await serve((_request, response) => response.end("inside"));
      const page = JSON.stringify({ videos: [videoAt(inner.url("/clip.mp4").href)], total_results: 1 });
      const pexels = await serve((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" }).end(page);
      });
      try {
        const account = { id: "pexels", type: "lightly-pexels-account", apiUrl: pexels.url("").origin };
        const flow = await loadFlow({ ...local.accounts, step: step(), others: [account] });
        flow.receive({});
        await flow.until(() => flow.completed.length + flow.caught.length > 0);
        equal(flow.caught[0]?.error.code, "SOURCE_ADDRESS_REFUSED");
        equal(inner.requests.length, 0);
        deepEqual(await readdir(folder), []);
      } finally {
        await Promise.all([inner.close(), pexels.close()]);
      }
    });

    it("does not download more than the form allows", async () => {
      const size = 2 * 2 ** 20;
      const pexels = await serve((request, response) => {
        if (request.url?.endsWith(".mp4")) {
          response.writeHead(200, { "content-type": "video/mp4", "content-length": size }).end(Buffer.alloc(size));
        } else {
          const page = { videos: [videoAt(pexels.url("/clip.mp4").href)], total_results: 1 };
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page));
        }
      });
      try {
        const account = { id: "pexels", type: "lightly-pexels-account", apiUrl: pexels.url("").origin };
        const flow = await loadFlow({ ...local.accounts, step: { ...step(), maxSizeMib: "1" }, others: [account] });
        flow.receive({});
        await flow.until(() => flow.completed.length + flow.caught.length > 0);
        equal(flow.caught[0]?.error.code, "SOURCE_TOO_LARGE");
        deepEqual(await readdir(folder), []);
      } finally {
        await pexels.close();
      }
    });
  });

  it("picks the same video again for the same seed", async () => {
    const flow = await loadFlow({ step: { ...step(), output: "url" }, ...local.accounts });
    flow.receive({});
    flow.receive({});
    await flow.until(() => flow.completed.length === 2);
    const [first, second] = (flow.sent[0] ?? []).map((msg) => (msg.pexels as PickedVideo).id);
    ok(first !== undefined);
    equal(first, second);
  });

  it("only resolves the URL if a streaming upload follows", async () => {
    const flow = await loadFlow({ step: { ...step(), output: "url" }, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.completed.length > 0);
    equal(result<string>(flow, "url"), result<PickedVideo>(flow, "pexels").rendition.url);
    equal(result<unknown>(flow, "filename"), undefined);
    deepEqual(await readdir(folder), []);
  });

  it("takes the id from the message", async () => {
    const flow = await loadFlow({
      step: { ...step(), pick: "id", videoId: "wanted", videoIdType: "msg", output: "url" },
      ...local.accounts,
    });
    flow.receive({ wanted: 8100003 });
    await flow.until(() => flow.completed.length > 0);
    equal(result<PickedVideo>(flow, "pexels").id, 8100003);
  });

  it("names the id that Pexels does not know", async () => {
    const flow = await loadFlow({
      step: { ...step(), pick: "id", videoId: "1", videoIdType: "num" },
      ...local.accounts,
    });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "PEXELS_VIDEO_NOT_FOUND");
    equal(flow.statuses.at(-1)?.fill, "red");
  });

  it("reports an invalid key without repeating it", async () => {
    const { others, credentials } = local.accounts;
    const flow = await loadFlow({
      step: step(),
      others,
      credentials: { ...credentials, pexels: { apiKey: "not-the-key-at-all" } },
    });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "PEXELS_UNAUTHORIZED");
    equal(JSON.stringify(flow.caught).includes("not-the-key-at-all"), false);
  });
});
