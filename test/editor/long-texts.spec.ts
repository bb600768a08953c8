import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { startLocalStack } from "../../scripts/local/local-stack.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { cancelDialog, type EditorPage, openDialog, ownNodes, takePictures } from "./editor-page.ts";
import { useEditor } from "./use-editor.ts";

interface Height {
  readonly offsetHeight: number;
  readonly clientHeight: number;
  readonly scrollHeight: number;
}
declare const document: {
  getElementById(id: string): Height;
  getSelection(): { selectAllChildren(of: unknown): void };
  createRange(): {
    setStart(node: unknown, at: number): void;
    setEnd(node: unknown, at: number): void;
    getBoundingClientRect(): { readonly top: number };
  };
};

describe("long texts in the forms", () => {
  const folder = temporaryFolder();
  const opened = useEditor(async () => {
    const stack = await startLocalStack({ videosDir: await testClips(), stateDir: folder });
    return { url: stack.nodeRed.url, close: stack.close };
  });
  let editor: EditorPage;
  let page: Page;

  before(() => {
    ({ editor, page } = opened);
  });

  async function open(type: string): Promise<Locator> {
    const node = (await ownNodes(page)).find((one) => one.type === type);
    ok(node, type);
    return openDialog(page, node);
  }

  it("break after the colons and slashes of an ARN, which is copied unchanged", async () => {
    const dialog = await open("lightly-aws-account");
    await dialog.getByRole("button", { name: "Test connection", exact: true }).click();
    const said = dialog.locator(".lightly-aws-tried .lightly-aws-line span").first();
    await said.waitFor();
    await dialog.locator(".lightly-aws-tried .fa-check-circle").first().waitFor();
    const copied = await said.evaluate((span) => {
      const selection = document.getSelection();
      selection.selectAllChildren(span);
      return String(selection);
    });
    match(copied, /^Signed in as arn:aws:iam::\d{12}:user\/\w+$/);
    for (const width of [120, 200, 290]) {
      const ends = await said.evaluate(lineEnds, width);
      ok(ends.length > 0, `${width} pixels hold all of it`);
      deepEqual(
        ends.filter((end) => !/[\s:/-]$/.test(end)),
        [],
        `${width} pixels`,
      );
    }
    await takePictures(page, "connection-test", dialog);
    await cancelDialog(page);
  });

  describe("of the worker's command", () => {
    let dialog: Locator;
    let preview: Locator;
    const room = (): Promise<{ height: number; text: number }> =>
      preview.evaluate((area) => {
        const { offsetHeight, scrollHeight } = area as unknown as Height;
        return { height: offsetHeight, text: scrollHeight };
      });
    const untilGrown = (): Promise<unknown> =>
      page.waitForFunction((id) => {
        const { scrollHeight, clientHeight } = document.getElementById(id);
        return clientHeight > 0 && scrollHeight <= clientHeight;
      }, "lightly-aws-preview");
    const fillToken = async (name: string): Promise<void> => {
      const row = dialog.locator(".form-row", { has: page.locator("#node-input-tokenName") });
      await row.locator(".red-ui-typedInput-input").fill(name);
      await page.keyboard.press("Tab");
    };

    before(async () => {
      dialog = await open("lightly-ssm-run-script");
      preview = dialog.getByRole("textbox", { name: "Command" });
      await dialog.locator("#node-input-mode").selectOption("worker");
    });
    after(() => cancelDialog(page));

    it("are shown completely", async () => {
      await fillToken("/prod/lightly-token");
      await untilGrown();
      const { height, text } = await room();
      ok(height > 150 && text <= height, `${height} pixels for ${text}`);
      await preview.scrollIntoViewIfNeeded();
      await takePictures(page, "worker-command", dialog);
    });

    it("scroll if they are very long, and fit the text again afterwards", async () => {
      const { height } = await room();
      await dialog.locator("#node-input-dockerArguments").fill("-v /data:/input_mount:ro ".repeat(60));
      await page.waitForFunction((id) => {
        const { scrollHeight, clientHeight } = document.getElementById(id);
        return scrollHeight > clientHeight;
      }, "lightly-aws-preview");
      const { height: highest, text } = await room();
      ok(highest > height && highest < 500 && text > highest, `${highest} pixels for ${text}`);
      await dialog.locator("#node-input-dockerArguments").fill("");
      await untilGrown();
      equal((await room()).height, height);
    });

    it("keep the height that a user has set", async () => {
      await preview.scrollIntoViewIfNeeded();
      const before = await preview.boundingBox();
      ok(before);
      await page.mouse.move(before.x + before.width - 4, before.y + before.height - 4);
      await page.mouse.down();
      await page.mouse.move(before.x + before.width - 4, before.y + before.height - 84, { steps: 4 });
      await page.mouse.up();
      const { height } = await room();
      ok(height < before.height - 60, `${before.height} became ${height} pixels`);
      await dialog.locator("#node-input-dockerArguments").fill("-v /data:/input_mount:ro");
      match(await preview.inputValue(), /input_mount/);
      equal((await room()).height, height);
    });

    it("cause no error in the browser", () => deepEqual(editor.faults, []));
  });
});

/** In the page: the last character of each line of an element with a width, except the last line. */
function lineEnds(element: unknown, width: number): string[] {
  const { style, childNodes } = element as { style: { cssText: string }; childNodes: Iterable<{ data?: string }> };
  style.cssText = `display: inline-block; flex: none; width: ${width}px`;
  const shown = [...childNodes].flatMap((node) =>
    [...(node.data ?? "")].map((text, at) => {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return { text, top: range.getBoundingClientRect().top };
    }),
  );
  return shown.slice(0, -1).flatMap(({ text, top }, index) => ((shown[index + 1]?.top ?? top) > top + 5 ? [text] : []));
}
