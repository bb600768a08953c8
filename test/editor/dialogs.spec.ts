import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { NODE_REDS } from "../support/node-reds.ts";
import {
  cancelDialog,
  doubleClickNode,
  type EditorNode,
  type EditorPage,
  importExample,
  openDialog,
  ownNodes,
  takePictures,
  takeProperty,
} from "./editor-page.ts";
import { useFlowEditor } from "./use-editor.ts";
import { unfoldAll } from "./user-input.ts";

const TYPES = [
  "lightly-account",
  "lightly-aws-account",
  "lightly-batch-run",
  "lightly-ec2-start",
  "lightly-ec2-stop",
  "lightly-pexels-account",
  "lightly-pexels-download",
  "lightly-results",
  "lightly-run",
  "lightly-run-status",
  "lightly-s3-upload",
  "lightly-ssm-run-script",
  "lightly-studio-select",
  "lightly-video-source",
];

/** The examples with all types, by the labels of their flows. The whole pipeline is last: its nodes are the ones that are opened. */
const EXAMPLES = {
  streaming: "Stream a video to S3",
  results: "Lightly results",
  batch: "AWS Batch",
  studio: "LightlyStudio",
  folder: "Own folder of videos",
  flows: "Lightly pipeline",
};
/** One is enough to see that 4.1 imports examples: runtime.spec.ts deploys each of them in both versions. It has the others from the server. */
const IMPORTED = { "node-red": Object.keys(EXAMPLES), "node-red-4": ["flows"] };

for (const nodeRedPackage of NODE_REDS) {
  describe(`the edit dialogs in ${nodeRedPackage}`, () => {
    const imported = Object.entries(EXAMPLES).filter(([name]) => IMPORTED[nodeRedPackage].includes(name));
    const served = Object.keys(EXAMPLES).filter((name) => !IMPORTED[nodeRedPackage].includes(name));
    const opened = useFlowEditor({ flow: nodesOf(served), nodeRedPackage, allNodes: true });
    let editor: EditorPage;
    let nodes: EditorNode[];

    before(() => {
      editor = opened.editor;
    });

    it("exist for all nodes after the import of each example, and no node is invalid", async () => {
      for (const [name, label] of imported) {
        await importExample(editor.page, name, label);
      }
      nodes = await ownNodes(editor.page);
      assert.deepEqual([...new Set(nodes.map(({ type }) => type))].sort(), TYPES);
      assert.deepEqual(
        nodes.filter(({ valid }) => !valid),
        [],
      );
    });

    for (const type of TYPES) {
      it(`of ${type} have all texts and no invalid fields, with every choice`, async () => {
        const node = nodes.findLast((candidate) => candidate.type === type);
        assert.ok(node);
        const dialog =
          node.category === "config"
            ? await openDialog(editor.page, node)
            : await doubleClickNode(editor.page, node.id);
        await assertReadable(dialog);
        assert.equal(await dialog.locator(".input-error:visible").count(), 0);
        if (nodeRedPackage === "node-red") {
          await takePictures(editor.page, type, dialog);
        }
        await tryAllChoices(dialog);
        await cancelDialog(editor.page);
        assert.deepEqual(editor.faults, []);
      });
    }

    it("show the behavior of a node of an older flow, and not the default of a new one", async () => {
      const node = nodes.find(({ type }) => type === "lightly-ec2-stop");
      assert.ok(node);
      for (const property of ["retries", "retrySeconds", "onBusy", "keepRunning"]) {
        await takeProperty(editor.page, node.id, property);
      }
      const dialog = await openDialog(editor.page, node);
      const shown = (property: string): Promise<string> => dialog.locator(`#node-input-${property}`).inputValue();
      assert.deepEqual(
        [await shown("retries"), await shown("retrySeconds"), await shown("onBusy")],
        ["0", "10", "keep"],
      );
      assert.equal(await dialog.locator("#node-input-keepRunning").isChecked(), false);
      await cancelDialog(editor.page);
    });

    it("don't change any node when they are canceled", async () => {
      const after = await ownNodes(editor.page);
      assert.deepEqual(after, nodes);
    });
  });
}

/** The nodes of some examples, which share their accounts. */
function nodesOf(examples: readonly string[]): object[] {
  const nodes = examples.flatMap(
    (name) => JSON.parse(readFileSync(join("examples", `${name}.json`), "utf8")) as Array<{ id: string }>,
  );
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

/** Each label and each choice has a text from the catalog, and is inside the dialog. */
async function assertReadable(dialog: Locator): Promise<void> {
  assert.deepEqual(await dialog.locator(".lightly-aws-form").evaluate(unreadable, false), []);
}

/** Opens folded sections and selects each option of each choice, so that each row is shown once, and all of it is readable each time. */
async function tryAllChoices(dialog: Locator): Promise<void> {
  await unfoldAll(dialog.page());
  assert.deepEqual(await dialog.locator(".lightly-aws-form").evaluate(unreadable, true), []);
}

/** An element of the form, in the page. */
interface FormElement {
  readonly localName: string;
  readonly textContent: string;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly options: Iterable<{ readonly value: string }>;
  value: string;
  querySelectorAll(selector: string): Iterable<FormElement>;
  checkVisibility(): boolean;
  dispatchEvent(event: Event): void;
}

/** In the page, because some hundred choices through the driver take a minute: what is not readable, at first or with which choice. */
async function unreadable(element: unknown, withChoices: boolean): Promise<string[]> {
  const form = element as FormElement;
  const found: string[] = [];
  const look = (choice: string): void => {
    const texts = [...form.querySelectorAll("label, summary, select option, .form-tips")].filter(
      (one) => one.localName === "option" || one.checkVisibility(),
    );
    if (texts.length < 2) {
      found.push(`${choice}: there are no texts`);
    }
    for (const { textContent } of texts) {
      if (!/^(?!lightly-[\w-]+[.:]|node-red:|common\.).+/s.test(textContent.trim())) {
        found.push(`${choice}: "${textContent.trim()}"`);
      }
    }
    if (form.scrollWidth > form.clientWidth) {
      found.push(`${choice}: the form is ${form.scrollWidth - form.clientWidth} px too wide`);
    }
  };
  look("at first");
  for (const choice of withChoices ? [...form.querySelectorAll("select")] : []) {
    for (const { value } of choice.checkVisibility() ? [...choice.options] : []) {
      choice.value = value;
      choice.dispatchEvent(new Event("input", { bubbles: true }));
      choice.dispatchEvent(new Event("change", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      look(value);
    }
  }
  return found;
}
