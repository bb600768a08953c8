import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import type { Fields } from "../../../src/fields/field.ts";
import { cancelDialog, type EditorPage, openDialog, saveDialog, takePictures } from "../editor-page.ts";
import { useFlowEditor } from "../use-editor.ts";
import { unfoldAll } from "../user-input.ts";
import type { Case } from "./cases.ts";
import { AWS } from "./cases-aws.ts";
import { LIGHTLY } from "./cases-lightly.ts";
import { PEXELS } from "./cases-pexels.ts";
import { expectedReason, REASONS, refusable } from "./expected-reason.ts";
import { placeOf, putValue, takeValue } from "./put-value.ts";
import { flowOf, roundsOf, storedCases } from "./rounds.ts";
import { recordTooltips, shownFault } from "./tooltips.ts";

const TYPES = { ...AWS, ...LIGHTLY, ...PEXELS };
/** One form with a field of each kind is enough for the other editor. */
const IN_4 = ["lightly-ec2-start", "lightly-aws-account"];

declare const RED: { nodes: { node(id: string): { valid: boolean; validationErrors: string[] } } };

for (const nodeRedPackage of ["node-red", "node-red-4"]) {
  describe(`an invalid value of a form in ${nodeRedPackage}`, () => {
    // lightly run has 45 invalid values, and a busy machine takes seconds for each.
    const opened = useFlowEditor({ flow: flowOf(TYPES), nodeRedPackage });
    let editor: EditorPage;
    let page: Page;

    before(async () => {
      editor = opened.editor;
      page = editor.page;
      await recordTooltips(page);
    });

    const open = (type: string, id: string): Promise<Locator> =>
      openDialog(page, { id, type, name: "", valid: true, category: type.endsWith("-account") ? "config" : "" });

    /** Enters the invalid values of a field, corrects it, and leaves it with the last invalid value. Returns the reason of that. */
    async function tryCases(dialog: Locator, label: string, cases: readonly Case[]): Promise<RegExp> {
      const [{ property, good }] = cases as [Case];
      const before = await takeValue(dialog, property);
      let says = /-/;
      const refuse = async (one: Case): Promise<void> => {
        says = await expectedReason(page, label, one);
        await putValue(dialog, property, { value: one.bad, as: one.as ?? before.as });
        const { isMarked, tooltip } = await shownFault(page, property);
        assert.ok(isMarked, `${property} is marked for ${one.bad}`);
        assert.match(tooltip ?? "", says);
      };
      for (const one of cases.length > 1 ? cases.slice(0, -1) : cases) {
        await refuse(one);
      }
      await putValue(dialog, property, { ...before, ...(good === undefined ? {} : { value: good }) });
      assert.deepEqual(
        await shownFault(page, property),
        { isMarked: false, tooltip: undefined },
        `${property} is corrected`,
      );
      await refuse(cases.at(-1) as Case);
      return says;
    }

    for (const [type, of] of Object.entries(TYPES).filter(
      ([type]) => nodeRedPackage === "node-red" || IN_4.includes(type),
    )) {
      it(`is marked and explained in ${type}, until it is corrected, and on the saved node`, async () => {
        const labels = await refusable(page, type);
        for (const { id, when, cases } of roundsOf(type, of)) {
          const dialog = await open(type, id);
          await unfoldAll(page);
          for (const [property, value] of Object.entries(when)) {
            await putValue(dialog, property, { value });
          }
          const expected: RegExp[] = [];
          for (const [property, ofProperty] of cases) {
            const says = await tryCases(dialog, labels[property] ?? "", ofProperty);
            if (!ofProperty.some(({ isCredential }) => isCredential)) {
              expected.push(says);
            }
          }
          await saveDialog(page);
          assertErrors(await errorsOf(page, id), expected);
          if (!type.endsWith("-account")) {
            await page.locator(`[id="${id}"] .red-ui-flow-node-error`).waitFor();
          }
        }
        assert.deepEqual(editor.faults, []);
      });
    }

    it("is explained in a tooltip, and for screen readers in addition to the field's name", async () => {
      const dialog = await open("lightly-ec2-start", "lightly-ec2-start-1");
      await putValue(dialog, "account", { value: "_ADD_" });
      await putValue(dialog, "timeoutMinutes", { value: "0" });
      for (const [property, says] of [
        ["account", "AWS account: property value missing"],
        ["timeoutMinutes", "Timeout (min): must be a number from 0.1 to 1440"],
        ["tags", "Tags: has the name team twice"],
      ] as const) {
        await (await placeOf(dialog, property)).hover();
        await page.locator(".red-ui-popover").getByText(says, { exact: true }).waitFor();
        if (nodeRedPackage === "node-red") {
          await takePictures(page, `refused-${property}`);
        }
      }
      await putValue(dialog, "select", { value: "ids" });
      await putValue(dialog, "instanceIds", { value: "i-1" });
      await (await placeOf(dialog, "instanceIds")).hover();
      await page
        .locator(".red-ui-popover")
        .getByText(/^Instance IDs: must be i- and 8 or 17/)
        .waitFor();
      await takePictures(page, `refused-instanceIds-${nodeRedPackage}`);
      const ids = dialog.getByRole("textbox", { name: "Instance IDs", exact: true });
      const described = await ids.getAttribute("aria-describedby");
      assert.match((await dialog.locator(`[id="${described}"]`).textContent()) ?? "", /^Instance IDs: must be i-/);
      assert.equal(await ids.getAttribute("aria-invalid"), "true");
      await putValue(dialog, "timeoutMinutes", { value: "15" });
      const limit = dialog.getByRole("textbox", { name: "Timeout (min)", exact: true });
      assert.equal(await limit.getAttribute("aria-invalid"), null);
      assert.equal(await limit.getAttribute("aria-describedby"), null);
      await cancelDialog(page);
    });

    it("is named once, with field and reason, on a saved node", async () => {
      const labels = new Map<string, Record<string, string>>();
      for (const type of Object.keys(TYPES)) {
        labels.set(type, await refusable(page, type));
      }
      const stored = storedCases(TYPES);
      const errors = await allErrorsOf(
        page,
        stored.map(({ id }) => id),
      );
      for (const [index, { type, one }] of stored.entries()) {
        const label = labels.get(type)?.[one.property] ?? "";
        assertErrors(errors[index] ?? [], [await expectedReason(page, label, one)]);
      }
    });

    if (nodeRedPackage === "node-red") {
      it("is tested for each property with a rule, and each reason", async () => {
        const given = new Set<string>();
        for (const [type, { cases }] of Object.entries(TYPES)) {
          const tried = new Set(cases.map(({ property }) => property));
          // A user can't choose what a select does not offer: same-rules.spec.ts judges choices of stored flows.
          const { fields } = (await import(`../../../src/nodes/${type}/fields.ts`)) as { fields: Fields };
          assert.deepEqual(
            Object.keys(await refusable(page, type)).filter(
              (property) => !tried.has(property) && fields[property]?.kind !== "choice",
            ),
            [],
            type,
          );
          for (const { reason } of cases) {
            given.add(reason);
          }
        }
        assert.deepEqual(
          // What LightlyStudio can't do: selection/refusals.spec.ts and studio-selection.ts.
          REASONS.filter((reason) => !given.has(reason) && !reason.startsWith("studio")),
          [],
        );
      });
    }
  });
}

/** Each occurs exactly once, and nothing else. */
function assertErrors(errors: readonly string[], expected: readonly RegExp[]): void {
  const all = errors.join("\n");
  assert.equal(errors.length, expected.length, all);
  for (const says of expected) {
    assert.equal(errors.filter((error) => says.test(error)).length, 1, `${says} is not in:\n${all}`);
  }
}

/** The tooltip of the triangle on an invalid node. */
async function errorsOf(page: Page, id: string): Promise<string[]> {
  const [errors = []] = await allErrorsOf(page, [id]);
  return errors;
}

/** The tooltips of the triangles on several nodes. */
function allErrorsOf(page: Page, ids: readonly string[]): Promise<string[][]> {
  return page.evaluate(
    (nodeIds) =>
      nodeIds.map((id) => {
        const { valid, validationErrors } = RED.nodes.node(id);
        if (valid !== (validationErrors.length === 0)) {
          throw new Error(`${id} is ${valid ? "" : "not "}valid with ${validationErrors.length} errors`);
        }
        return validationErrors;
      }),
    ids,
  );
}
