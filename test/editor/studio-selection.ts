import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { untilPassed } from "../support/until-passed.ts";
import { type EditorPage, editNode, saveDialog, takePictures } from "./editor-page.ts";
import { addStrategy, fillStrategy, strategyRows } from "./strategy-form.ts";
import type { OpenEditor } from "./use-editor.ts";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const SIMILARITY = { input: { type: "EMBEDDINGS", tagName: "run-one" }, strategy: { type: "SIMILARITY" } };
const TILES = { nSamples: 5, strategies: [DIVERSITY], autoTasks: [{ type: "TILING", numRows: 2, numCols: 2 }] };

const SELECT = {
  type: "lightly-studio-select",
  z: "studio",
  account: "studio-account",
  instanceIds: "ec2.instanceIds",
  instanceIdsType: "msg",
  datasetName: "street",
  datasetNameType: "str",
  videos: "s3.uri",
  videosType: "msg",
  output: "s3://my-bucket/selected",
  outputType: "str",
  amount: "proportion",
  proportion: "0.1",
  count: "100",
  strategies: [DIVERSITY],
  selection: "",
  selectionType: "json",
  wires: [[], [], []],
};

/** The flow of {@link testStudioSelection}. */
export const STUDIO_FLOW = [
  { id: "studio", type: "tab", label: "studio" },
  { id: "studio-account", type: "lightly-aws-account", name: "", region: "eu-central-1" },
  { ...SELECT, id: "list", name: "list", x: 200, y: 80 },
  { ...SELECT, id: "tag", name: "tag", x: 200, y: 140 },
  { ...SELECT, id: "own", name: "own json", amount: "json", selection: JSON.stringify(TILES), x: 200, y: 200 },
];

declare const RED: { nodes: { node(id: string): { valid: boolean; strategies: unknown } } };

/** Adds the tests of the selection of studio select to a suite whose editor has {@link STUDIO_FLOW} among its flows. */
export function testStudioSelection(opened: OpenEditor): void {
  let editor: EditorPage;

  before(() => {
    editor = opened.editor;
  });

  const open = (id: string): Promise<Locator> => editNode(editor.page, id);
  const saved = (id: string) =>
    editor.page.evaluate((nodeId) => {
      const { valid, strategies } = RED.nodes.node(nodeId);
      return { valid, strategies };
    }, id);

  it("marks a strategy that LightlyStudio can't do with the reason, and the node stays invalid until it is removed", async () => {
    let dialog = await open("list");
    const row = await addStrategy(dialog);
    await row.locator("select").nth(0).selectOption("SCORES");
    const problem = row.locator(".lightly-aws-problem");
    assert.equal(await problem.textContent(), "LightlyStudio does not compute prediction scores");
    assert.equal(await row.locator("select.input-error").count(), 1);
    await takePictures(editor.page, "studio-refused", dialog);
    await saveDialog(editor.page);
    assert.equal((await saved("list")).valid, false);
    dialog = await open("list");
    await strategyRows(dialog).nth(1).locator("select").nth(0).selectOption("METADATA");
    const sums = strategyRows(dialog)
      .nth(1)
      .locator('[data-field="strategy.stoppingConditionMaxSum"], [data-field^="strategy.targetRange"]');
    assert.equal(await sums.count(), 0, "of what it never does there is no field");
    const key = strategyRows(dialog).nth(1).locator('[data-field="input.key"] input');
    await key.fill("weather");
    assert.match(
      (await strategyRows(dialog).nth(1).textContent()) ?? "",
      /LightlyStudio has the numbers lightly\.sharpness/,
    );
    assert.equal(await sums.count(), 0);
    await key.fill("lightly.sharpness");
    assert.equal(await strategyRows(dialog).nth(1).locator(".lightly-aws-problem:visible").count(), 0);
    await saveDialog(editor.page);
    assert.equal((await saved("list")).valid, true);
  });

  it("asks for the tag of a similarity, but for no dataset id", async () => {
    const dialog = await open("tag");
    const row = strategyRows(dialog).first();
    await fillStrategy(row, SIMILARITY);
    assert.equal(await row.locator('[data-field="input.datasetId"]').count(), 0);
    assert.equal(await row.locator('[data-field="input.task"]').count(), 0);
    await saveDialog(editor.page);
    assert.deepEqual(await saved("tag"), { valid: true, strategies: [SIMILARITY] });
  });

  it("explains which parts of a selection as JSON LightlyStudio can't do", async () => {
    assert.equal((await saved("own")).valid, false);
    const dialog = await open("own");
    const note = dialog.locator("#lightly-aws-json-note");
    await untilPassed(async () =>
      assert.match((await note.textContent()) ?? "", /LightlyStudio does not support autoTasks/),
    );
    await saveDialog(editor.page);
  });
}
