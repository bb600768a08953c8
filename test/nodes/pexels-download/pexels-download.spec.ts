import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PickedVideo } from "../../../src/services/pexels/pick-video.ts";
import { loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";

describe("the pexels-download node", () => {
  useNodeRed();
  const local = useSandbox();
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "videos-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

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
    result: "file",
    folder,
    folderType: "str",
  });

  it("downloads a whole video within the width limit, and says who made it", async () => {
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

  it("picks the same video again for the same seed", async () => {
    const flow = await loadFlow({ step: { ...step(), result: "url" }, ...local.accounts });
    flow.receive({});
    flow.receive({});
    await flow.until(() => flow.completed.length === 2);
    const [first, second] = (flow.sent[0] ?? []).map((msg) => (msg.pexels as PickedVideo).id);
    ok(first !== undefined);
    equal(first, second);
  });

  it("only resolves the address where a streaming upload follows", async () => {
    const flow = await loadFlow({ step: { ...step(), result: "url" }, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.completed.length > 0);
    equal(result<string>(flow, "url"), result<PickedVideo>(flow, "pexels").rendition.url);
    equal(result<unknown>(flow, "filename"), undefined);
    deepEqual(await readdir(folder), []);
  });

  it("takes the id from the message", async () => {
    const flow = await loadFlow({
      step: { ...step(), pick: "id", videoId: "wanted", videoIdType: "msg", result: "url" },
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

  it("says that the key is wrong, without repeating it", async () => {
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
