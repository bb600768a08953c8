import { deepEqual, equal } from "node:assert/strict";
import type { Locator } from "playwright-core";
import { seriousFaults } from "./accessibility.ts";
import { cancelDialog, openDialog, ownNodes, saveDialog, takePictures } from "./editor-page.ts";
import { chooseType, typeIn, valueIn } from "./look-up-form.ts";
import type { OpenEditor } from "./use-editor.ts";

/** The flow of {@link warnsAboutSameFolder}. */
export const SAME_FOLDER_FLOW = [
  { id: "same-folder", type: "tab", label: "A flow" },
  { id: "lightly", type: "lightly-account", name: "Lightly" },
  {
    ...{
      id: "run-same-folder",
      type: "lightly-run",
      z: "same-folder",
      x: 300,
      y: 100,
      account: "lightly",
      wires: [[], [], []],
    },
    ...{ inputUri: "s3://data/videos", inputUriType: "str", lightlyUri: "s3://data/lightly", lightlyUriType: "str" },
  },
];
const TEXTS = {
  "en-US": /The output is in the input's folder/,
  de: /Die Ausgabe liegt im Ordner der Eingabe/,
  ja: /出力が入力のフォルダー内にあります/,
  "zh-CN": /输出位于输入的文件夹中/,
};

/** Opens the form of the node. */
async function open({ page }: OpenEditor): Promise<Locator> {
  const node = (await ownNodes(page)).find(({ id }) => id === "run-same-folder");
  if (!node) {
    throw new Error("There is no node.");
  }
  return await openDialog(page, node);
}

const warning = (dialog: Locator): Locator => dialog.locator(".lightly-aws-warning");

/** Asserts that the warning appears in a language, in an editor that has {@link SAME_FOLDER_FLOW} among its flows. */
export async function assertWarns(opened: OpenEditor, language: keyof typeof TEXTS): Promise<void> {
  const dialog = await open(opened);
  await warning(dialog).waitFor({ state: "hidden" });
  await typeIn(dialog, "lightlyUri", "s3://data/videos/");
  await warning(dialog).getByText(TEXTS[language]).waitFor();
  await takePictures(opened.page, `warning-same-folder-${language}`, dialog);
  await cancelDialog(opened.page);
}

/** Adds the tests of the warning to a suite whose editor has {@link SAME_FOLDER_FLOW} among its flows. */
export function warnsAboutSameFolder(opened: OpenEditor): void {
  const text = TEXTS["en-US"];

  it("warns below the output if it is the input's folder or below it, and can be saved and opened again", async () => {
    let dialog = await open(opened);
    await warning(dialog).waitFor({ state: "hidden" });
    await typeIn(dialog, "lightlyUri", "s3://data/videos/");
    await warning(dialog).getByText(text).waitFor();
    await typeIn(dialog, "lightlyUri", "s3://data/videos-selected");
    await warning(dialog).waitFor({ state: "hidden" });
    await typeIn(dialog, "lightlyUri", "s3://data/videos/selected");
    await warning(dialog).getByText(text).waitFor();
    await typeIn(dialog, "lightlyUri", "s3://data/videos/");
    await warning(dialog).getByText(text).waitFor();
    equal(await dialog.locator("#node-input-lightlyUri.input-error").count(), 0);
    deepEqual(await seriousFaults(opened.page, ".lightly-aws-warning"), []);
    await saveDialog(opened.page);
    dialog = await open(opened);
    equal(await valueIn(dialog, "lightlyUri"), "s3://data/videos/");
    await warning(dialog).getByText(text).waitFor();
    await cancelDialog(opened.page);
  });

  it("does not warn about another folder, a value of the message, or the datasources of an existing dataset", async () => {
    const dialog = await open(opened);
    await warning(dialog).getByText(text).waitFor();
    await typeIn(dialog, "inputUri", "s3://data/videos/day");
    await warning(dialog).waitFor({ state: "hidden" });
    await typeIn(dialog, "inputUri", "s3://data/videos");
    await warning(dialog).waitFor();
    await chooseType(dialog, "inputUri", "msg");
    await warning(dialog).waitFor({ state: "hidden" });
    await chooseType(dialog, "inputUri", "str");
    await typeIn(dialog, "inputUri", "s3://data/videos");
    await warning(dialog).waitFor();
    await dialog.locator("#node-input-access").selectOption("existing");
    await warning(dialog).waitFor({ state: "hidden" });
    await cancelDialog(opened.page);
  });
}
