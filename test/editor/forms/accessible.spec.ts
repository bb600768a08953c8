import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { seriousFaults } from "../accessibility.ts";
import { cancelDialog, type EditorPage, openDialog, takePictures } from "../editor-page.ts";
import { inputOf } from "../look-up-form.ts";
import { AWS } from "../reasons/cases-aws.ts";
import { LIGHTLY } from "../reasons/cases-lightly.ts";
import { PEXELS } from "../reasons/cases-pexels.ts";
import { putValue } from "../reasons/put-value.ts";
import { flowOf } from "../reasons/rounds.ts";
import { useFlowEditor } from "../use-editor.ts";

const TYPES = { ...AWS, ...LIGHTLY, ...PEXELS };
const FORM = ".red-ui-tray .lightly-aws-form";
const CHANGED = "[data-changed]";

describe("axe-core finds no serious violation", () => {
  const opened = useFlowEditor({ flow: flowOf(TYPES) });
  let editor: EditorPage;

  before(async () => {
    editor = opened.editor;
    // axe-core ignores a label that is scrolled out of view: the longest form fits into this window.
    await editor.page.setViewportSize({ width: 1440, height: 2000 });
  });

  const open = async (type: string, id: string): Promise<Locator> => {
    const category = type.endsWith("-account") ? "config" : "";
    const dialog = await openDialog(editor.page, { id, type, name: "", valid: true, category });
    for (const summary of await dialog.locator("details:not([open]) > summary").all()) {
      await summary.click();
    }
    return dialog;
  };
  const assertAccessible = async (state: string, part = FORM): Promise<void> =>
    assert.deepEqual(await seriousFaults(editor.page, part), [], state);

  it("if fields of each kind are invalid", async () => {
    const dialog = await open("lightly-ssm-run-script", "lightly-ssm-run-script-0");
    await putValue(dialog, "account", { value: "_ADD_" });
    await putValue(dialog, "script", { value: "" });
    await putValue(dialog, "args", { value: "[" });
    await putValue(dialog, "environment", { value: [["1A", ""]] });
    await putValue(dialog, "pollSeconds", { value: "0" });
    assert.equal(await dialog.locator(".form-row:visible:has(.input-error)").count(), 5);
    await assertAccessible("refused");
    await takePictures(editor.page, "refused-kinds", dialog);
    await cancelDialog(editor.page);
  });

  for (const type of Object.keys(TYPES)) {
    it(`in the form of ${type}, with all rows, in both themes`, async () => {
      const dialog = await open(type, `${type}-0`);
      await markChanged(dialog);
      await assertAccessible("at first");
      for (const [property, options] of await choicesOf(dialog)) {
        const before = await inputOf(dialog, property).inputValue();
        for (const option of options.filter((one) => one !== before)) {
          await inputOf(dialog, property).selectOption(option);
          if ((await markChanged(dialog)) > 0) {
            await assertAccessible(`${property} is ${option}`, `${FORM} ${CHANGED}`);
          }
        }
      }
      await cancelDialog(editor.page);
    });
  }
});

/**
 * Marks the visible rows that no earlier call has marked with the same content: axe-core takes most of the time of these tests, and has judged
 * the others already.
 *
 * @returns how many there are
 */
function markChanged(dialog: Locator): Promise<number> {
  return dialog.locator(".lightly-aws-form").evaluate((form) => {
    const { querySelectorAll } = form as unknown as { querySelectorAll(selector: string): Iterable<ShownRow> };
    let changed = 0;
    for (const row of querySelectorAll.call(form, ".form-row, .form-tips")) {
      row.judged ??= new Set();
      const isChanged = row.checkVisibility() && !row.judged.has(row.innerHTML);
      row.toggleAttribute("data-changed", isChanged);
      if (isChanged) {
        row.judged.add(row.innerHTML);
        changed += 1;
      }
    }
    return changed;
  });
}

interface ShownRow {
  readonly innerHTML: string;
  /** The contents of earlier calls. */
  judged?: Set<string>;
  checkVisibility(): boolean;
  toggleAttribute(name: string, force: boolean): void;
}

/** The fields that show rows, with their choices. */
async function choicesOf(dialog: Locator): Promise<Map<string, string[]>> {
  const conditions = await dialog
    .locator("[data-when]")
    .evaluateAll((rows) => rows.map((row) => (row as unknown as Row).dataset.when));
  const choices = new Map<string, string[]>();
  for (const property of conditions.map((condition) => condition.split("=")[0] ?? "")) {
    const options = inputOf(dialog, property).locator("option");
    choices.set(property, await options.evaluateAll((all) => all.map((one) => (one as unknown as Option).value)));
  }
  return choices;
}

interface Row {
  readonly dataset: { readonly when: string };
}
interface Option {
  readonly value: string;
}
