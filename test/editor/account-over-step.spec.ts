import { deepEqual, equal } from "node:assert/strict";
import { cancelDialog, editNode, saveDialog } from "./editor-page.ts";
import { valueIn } from "./look-up-form.ts";
import { useFlowEditor } from "./use-editor.ts";
import { clickOn, enterText } from "./user-input.ts";

const step = { z: "tab", x: 300, wires: [[]] };
const FLOW = [
  { id: "tab", type: "tab", label: "A flow" },
  { id: "aws", type: "lightly-aws-account", name: "AWS", credentialSource: "chain" },
  { id: "lightly", type: "lightly-account", name: "Lightly" },
  { ...step, id: "run", type: "lightly-run", y: 100, account: "lightly", amount: "proportion", proportion: "0.1" },
  { ...step, id: "upload", type: "lightly-s3-upload", y: 200, account: "aws", tags: [{ key: "a", value: "1" }] },
];

interface Red {
  nodes: { node(id: string): Readonly<Record<string, unknown>> };
}
declare const RED: Red;

describe("the form of an account that is opened from the form of a step", () => {
  const opened = useFlowEditor({ flow: FLOW });
  /** Opens the account of the step whose form is open, closes it, and returns to the step. */
  const visitAccount = async (button: "ok" | "cancel"): Promise<void> => {
    const { page } = opened;
    await clickOn(page, { property: "account", path: ["#node-input-btn-account-edit"] });
    await page.locator("#node-config-dialog-ok").waitFor();
    await clickOn(page, { path: [`#node-config-dialog-${button}`] });
    await page.locator("#node-config-dialog-ok").waitFor({ state: "detached" });
  };
  const stored = (id: string, property: string): Promise<unknown> =>
    opened.page.evaluate(([node, name]) => RED.nodes.node(node)[name], [id, property] as const);

  for (const [button, before, after, fraction] of [
    ["ok", "10", "20", "0.2"],
    ["cancel", "20", "30", "0.3"],
  ] as const) {
    it(`does not change how the step is saved (${button})`, async () => {
      const { page } = opened;
      const dialog = await editNode(page, "run");
      equal(await valueIn(dialog, "proportion"), before);
      await visitAccount(button);
      await enterText(page, { property: "proportion" }, after);
      await saveDialog(page);
      equal(await stored("run", "proportion"), fraction);
    });
  }

  it("does not lose the list of the step", async () => {
    const { page } = opened;
    await editNode(page, "upload");
    await visitAccount("ok");
    await page.locator("details.lightly-aws-advanced > summary").evaluate((summary) => {
      (summary as unknown as { parentElement: { open: boolean } }).parentElement.open = true;
    });
    await enterText(page, { path: ["#node-input-tags-list", "[data-half=value]"] }, "2");
    await saveDialog(page);
    deepEqual(await stored("upload", "tags"), [{ key: "a", value: "2" }]);
  });

  it("leaves the fields of the step that depend on a choice as they are", async () => {
    const { page } = opened;
    const dialog = await editNode(page, "run");
    await visitAccount("ok");
    equal(await dialog.locator("#node-input-proportion").isVisible(), true);
    equal(await dialog.locator("#node-input-count").isVisible(), false);
    await cancelDialog(page);
  });
});
