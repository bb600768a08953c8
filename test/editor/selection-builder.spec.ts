import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { ILLEGAL_PAIRS, type Json } from "../services/lightly/selection/legal-configs.ts";
import { itInCurrent, NODE_REDS } from "../support/node-reds.ts";
import { untilPassed } from "../support/until-passed.ts";
import { cancelDialog, type EditorPage, editNode, saveDialog, takePictures } from "./editor-page.ts";
import { FILLED_PAIRS, titleOf } from "./selection/filled-pairs.ts";
import {
  addStrategy,
  expectedStrategy,
  fillStrategy,
  removeButton,
  removeStrategies,
  shownStrategies,
  shownStrategy,
  strategyRows,
} from "./strategy-form.ts";
import { STUDIO_FLOW, testStudioSelection } from "./studio-selection.ts";
import { useFlowEditor } from "./use-editor.ts";
import { choose, typeText } from "./user-input.ts";

const AMOUNT = { property: "amount" };

const DEFAULT = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };

/** A node that was saved by a release without a list of strategies. */
const OLDER = {
  type: "lightly-run",
  z: "tab",
  account: "account",
  datasetName: "a dataset",
  datasetNameType: "str",
  inputType: "Videos",
  access: "existing",
  inputUri: "",
  inputUriType: "str",
  lightlyUri: "",
  lightlyUriType: "str",
  region: "",
  regionType: "str",
  roleArn: "",
  roleArnType: "str",
  externalId: "",
  externalIdType: "str",
  amount: "proportion",
  proportion: "0.1",
  count: "100",
  selection: "",
  selectionType: "json",
  useDatapool: true,
  shutdownWhenJobFinished: true,
  workerConfig: "",
  priority: "MID",
  runsOn: "",
  kmsKeyArn: "",
  kmsKeyArnType: "str",
  timeoutHours: "48",
  workerTimeoutMinutes: "15",
  retries: "2",
  retrySeconds: "10",
  wires: [[], [], []],
};
const TILES = { nSamples: 5, strategies: [DEFAULT], autoTasks: [{ type: "TILING", numRows: 2, numCols: 2 }] };

const FLOW = [
  { id: "tab", type: "tab", label: "selections" },
  { id: "account", type: "lightly-account", name: "", apiUrl: "", pollSeconds: "30" },
  { ...OLDER, id: "older", name: "older", x: 200, y: 80 },
  { ...OLDER, id: "work", name: "work", x: 200, y: 140 },
  { ...OLDER, id: "ownJson", name: "own json", amount: "json", selection: JSON.stringify(TILES), x: 200, y: 200 },
  {
    ...OLDER,
    id: "fromMessage",
    name: "message",
    amount: "json",
    selection: "mine",
    selectionType: "msg",
    x: 200,
    y: 260,
  },
  { ...OLDER, id: "everyPair", name: "every pair", strategies: FILLED_PAIRS, x: 200, y: 380 },
  { ...OLDER, id: "byHand", name: "by hand", strategies: [{ ...DEFAULT, note: "kept" }], x: 200, y: 320 },
];

declare const RED: { nodes: { node(id: string): Json & { _def: { defaults: object } } } };
declare const monaco: { editor: { getModels(): Array<{ getValue(): string; setValue(text: string): void }> } };
declare const document: { activeElement: { getAttribute(name: string): string | null; className: string } | null };

for (const nodeRedPackage of NODE_REDS) {
  describe(`the selection builder in ${nodeRedPackage}`, () => {
    const opened = useFlowEditor({ flow: [...FLOW, ...STUDIO_FLOW], nodeRedPackage });
    const itIn5 = itInCurrent(nodeRedPackage);
    let editor: EditorPage;

    before(() => {
      editor = opened.editor;
    });

    const open = (id: string): Promise<Locator> => editNode(editor.page, id);
    const stored = (id: string): Promise<Json> =>
      editor.page.evaluate((nodeId) => {
        const node = RED.nodes.node(nodeId);
        const properties = Object.keys(node._def.defaults).filter((name) => name in node);
        return Object.fromEntries(["valid", ...properties].map((name) => [name, node[name]]));
      }, id);
    const json = (): Promise<Json> =>
      editor.page.evaluate(() => JSON.parse(monaco.editor.getModels().at(-1)?.getValue() ?? ""));
    const writeJson = (text: string): Promise<void> =>
      editor.page.evaluate((written) => monaco.editor.getModels().at(-1)?.setValue(written), text);
    const amount = (dialog: Locator): Locator => dialog.locator("#node-input-amount");
    const note = (dialog: Locator): Locator => dialog.locator("#lightly-aws-json-note");

    it("shows the behavior of an older flow, and does not change it after Done", async () => {
      const before = await stored("older");
      const dialog = await open("older");
      assert.equal(await strategyRows(dialog).count(), 1);
      assert.deepEqual(await shownStrategy(strategyRows(dialog)), expectedStrategy(DEFAULT));
      await saveDialog(editor.page);
      assert.deepEqual(await stored("older"), before);
    });

    it("saves each supported strategy with all its fields, and opens it again unchanged", async () => {
      let dialog = await open("work");
      await removeStrategies(dialog);
      for (const pair of FILLED_PAIRS) {
        await fillStrategy(await addStrategy(dialog), pair);
      }
      assert.equal(await dialog.locator(".lightly-aws-problem:visible").count(), 0);
      await takePictures(editor.page, `selection-list-${nodeRedPackage}`);
      await saveDialog(editor.page);
      const { strategies, valid } = await stored("work");
      assert.deepEqual(strategies, FILLED_PAIRS);
      assert.equal(valid, true);
      dialog = await open("work");
      await assertAllShown(dialog);
      await saveDialog(editor.page);
      assert.deepEqual((await stored("work")).strategies, FILLED_PAIRS);
    });

    it("shows all pairs as JSON and back as a list, with their amount, without loss", async () => {
      let dialog = await open("everyPair");
      await choose(editor.page, AMOUNT, "number");
      await typeText(editor.page, { property: "count" }, "12");
      await dialog.getByRole("button", { name: "Show as JSON" }).click();
      const config = { nSamples: 12, strategies: [...FILLED_PAIRS] };
      assert.deepEqual(await json(), config);
      await takePictures(editor.page, `selection-json-${nodeRedPackage}`);
      await saveDialog(editor.page);
      const saved = await stored("everyPair");
      assert.equal(saved.amount, "json");
      assert.deepEqual(JSON.parse(String(saved.selection)), config);
      assert.equal(saved.valid, true);

      dialog = await open("everyPair");
      assert.deepEqual(await json(), config);
      await dialog.getByRole("button", { name: "Show as list" }).click();
      assert.equal(await amount(dialog).inputValue(), "number");
      assert.equal(await dialog.locator("#node-input-count").inputValue(), "12");
      await assertAllShown(dialog);
      await saveDialog(editor.page);
      const again = await stored("everyPair");
      assert.deepEqual(
        [again.amount, again.count, again.strategies, again.selection],
        ["number", "12", [...FILLED_PAIRS], ""],
      );
    });

    itIn5("converts a share to a fraction and back", async () => {
      const dialog = await open("work");
      await choose(editor.page, AMOUNT, "proportion");
      await typeText(editor.page, { property: "proportion" }, "12.5");
      await choose(editor.page, AMOUNT, "json");
      await untilPassed(async () => assert.equal((await json()).proportionSamples, 0.125));
      await writeJson(JSON.stringify({ proportionSamples: 0.57, strategies: [DEFAULT] }));
      await dialog.getByRole("button", { name: "Show as list" }).click();
      assert.equal(await dialog.locator("#node-input-proportion").inputValue(), "57");
      assert.deepEqual(await shownStrategy(strategyRows(dialog)), expectedStrategy(DEFAULT));
      await cancelDialog(editor.page);
    });

    itIn5("keeps a selection that a list can't show as JSON, explains why, and loses nothing", async () => {
      const before = await stored("ownJson");
      const dialog = await open("ownJson");
      await untilPassed(async () => assert.match(await note(dialog).innerText(), /autoTasks.*Edit the JSON/));
      await dialog.getByRole("button", { name: "Show as list" }).click();
      await choose(editor.page, AMOUNT, "proportion");
      assert.equal(await amount(dialog).inputValue(), "json");
      assert.deepEqual(await json(), TILES);
      await saveDialog(editor.page);
      assert.deepEqual(await stored("ownJson"), before);
    });

    itIn5("does not change a selection that comes from the message", async () => {
      const before = await stored("fromMessage");
      await open("fromMessage");
      await choose(editor.page, AMOUNT, "number");
      await choose(editor.page, AMOUNT, "json");
      await saveDialog(editor.page);
      assert.deepEqual(await stored("fromMessage"), before);
    });

    itIn5("opens a list that the form has not written as JSON, without loss", async () => {
      const dialog = await open("byHand");
      assert.equal(await amount(dialog).inputValue(), "json");
      assert.deepEqual(await json(), { proportionSamples: 0.1, strategies: [{ ...DEFAULT, note: "kept" }] });
      await untilPassed(async () => assert.match(await note(dialog).innerText(), /strategies\[0\]\.note/));
      await cancelDialog(editor.page);
    });

    itIn5("offers only the supported strategies for each input", async () => {
      const dialog = await open("older");
      const row = strategyRows(dialog);
      for (const pair of FILLED_PAIRS) {
        const source = String(pair.input.name ?? pair.input.type);
        await choose(editor.page, { path: [".lightly-aws-strategy", "select"] }, source);
        const offered = await row
          .locator("select")
          .nth(1)
          .locator("option")
          .evaluateAll((all) => all.map((option) => (option as { value?: string }).value));
        const going = FILLED_PAIRS.filter(({ input }) => String(input.name ?? input.type) === source);
        assert.deepEqual(offered.sort(), going.map(({ strategy }) => strategy.type).sort());
      }
      await cancelDialog(editor.page);
    });

    for (const pair of ILLEGAL_PAIRS.filter((_, index) => index % 6 === 0)) {
      itIn5(`explains in its row that ${titleOf(pair)} is not supported, and marks the node`, async () => {
        const dialog = await open("work");
        await choose(editor.page, AMOUNT, "json");
        await writeJson(JSON.stringify({ nSamples: 3, strategies: [DEFAULT, pair] }));
        await note(dialog).getByText("Strategy 2: ").waitFor();
        assert.match(await note(dialog).innerText(), /can't be combined with .*; allowed: /);
        await dialog.getByRole("button", { name: "Show as list" }).click();
        const row = strategyRows(dialog).nth(1);
        assert.match(await row.locator(".lightly-aws-problem").innerText(), /can't be combined with .*; allowed: /);
        await saveDialog(editor.page);
        const saved = await stored("work");
        assert.equal(saved.valid, false);
        assert.deepEqual(saved.strategies, [DEFAULT, pair]);
      });
    }

    itIn5("explains each missing or invalid field, and an empty list, before Done", async () => {
      const dialog = await open("work");
      await removeStrategies(dialog);
      await dialog.locator("#lightly-aws-strategies-note").getByText("There is no strategy").waitFor();
      const row = await addStrategy(dialog);
      assert.equal(await dialog.locator("#lightly-aws-strategies-note").innerText(), "");
      await row.locator("select").nth(0).selectOption("METADATA");
      await row.locator("select").nth(1).selectOption("THRESHOLD");
      await row.locator('[data-field="strategy.threshold"] input').fill("much");
      const problem = row.locator(".lightly-aws-problem");
      assert.deepEqual((await problem.innerText()).trim().split(/\n+/), [
        "Metadata key: is missing",
        "Threshold: must be a number",
      ]);
      assert.equal(await row.locator("[aria-invalid=true]").count(), 2);
      await takePictures(editor.page, `selection-wrong-${nodeRedPackage}`);
      await saveDialog(editor.page);
      assert.equal((await stored("work")).valid, false);
    });

    itIn5("marks the node while its JSON is invalid, and keeps it as JSON", async () => {
      const dialog = await open("work");
      await choose(editor.page, AMOUNT, "json");
      await writeJson("{ nSamples");
      await note(dialog).getByText("is not JSON").waitFor();
      await choose(editor.page, AMOUNT, "number");
      assert.equal(await amount(dialog).inputValue(), "json");
      await saveDialog(editor.page);
      const saved = await stored("work");
      assert.deepEqual([saved.valid, saved.selection], [false, "{ nSamples"]);
    });

    it("can be filled in, extended and reduced by keyboard alone", async () => {
      const { page } = editor;
      const dialog = await open("older");
      await amount(dialog).focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      assert.equal(await focusedName(editor), "Select by");
      await page.keyboard.type("metadata");
      await page.keyboard.press("Tab");
      await page.keyboard.type("weights");
      await page.keyboard.press("Tab");
      await page.waitForFunction(`document.activeElement.closest('[data-field="input.key"]') !== null`);
      await page.keyboard.type("lightly.luminance");
      assert.deepEqual(await shownStrategy(strategyRows(dialog)), {
        source: "METADATA",
        strategy: "WEIGHTS",
        "input.key": "lightly.luminance",
      });
      await removeButton(strategyRows(dialog)).focus();
      await page.keyboard.press("Tab");
      assert.match(await page.evaluate(() => document.activeElement?.className ?? ""), /addButton/);
      await page.keyboard.press("Enter");
      await untilPassed(async () => {
        assert.equal(await strategyRows(dialog).count(), 2);
        assert.equal(await focusedName(editor), "Select by");
      });
      await removeButton(strategyRows(dialog).nth(1)).focus();
      await page.keyboard.press("Space");
      await page.waitForFunction(`document.activeElement.getAttribute("aria-label") === "Select by"`);
      assert.equal(await strategyRows(dialog).count(), 1);
      assert.equal(await strategyRows(dialog).getAttribute("aria-label"), "Strategy 1");
      await cancelDialog(page);
    });

    if (nodeRedPackage === "node-red") {
      describe("of studio select", () => testStudioSelection(opened));
    }

    it("causes no error in the browser", () => {
      assert.deepEqual(editor.faults, []);
    });
  });
}

/** Asserts that the list shows each supported pair with all its fields. */
async function assertAllShown(dialog: Locator): Promise<void> {
  assert.deepEqual(await shownStrategies(strategyRows(dialog)), FILLED_PAIRS.map(expectedStrategy));
}

function focusedName({ page }: EditorPage): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? null);
}
