import { equal, match, notEqual } from "node:assert/strict";
import { cancelDialog, openDialog, ownNodes } from "./editor-page.ts";
import { inputOf, valueIn } from "./look-up-form.ts";
import type { OpenEditor } from "./use-editor.ts";

const step = { id: "new", type: "lightly-ec2-start", z: "tab", x: 300, y: 100, account: "", wires: [[]] };
/** The flow of {@link testNewNodes}. */
export const NEW_NODES_FLOW = [
  { id: "tab", type: "tab", label: "A flow" },
  { id: "aws", type: "lightly-aws-account", name: "AWS", credentialSource: "chain" },
  { id: "lightly-1", type: "lightly-account", name: "one" },
  { id: "lightly-2", type: "lightly-account", name: "two" },
  step,
  { ...step, id: "gone", y: 200, account: "deleted" },
  { ...step, id: "run", type: "lightly-run", y: 300 },
];

/** Adds the tests of a new node's form to a suite whose editor has {@link NEW_NODES_FLOW} among its flows. */
export function testNewNodes(opened: OpenEditor): void {
  const open = async (id: string) => {
    const node = (await ownNodes(opened.page)).find((one) => one.id === id);
    if (!node) {
      throw new Error(`There is no node ${id}.`);
    }
    return await openDialog(opened.page, node);
  };
  afterEach(() => cancelDialog(opened.page));

  it("has the only account there is", async () => {
    equal(await valueIn(await open("new"), "account"), "aws");
  });

  it("leaves the choice between two accounts, and the fault of a deleted one, to the user", async () => {
    equal(await valueIn(await open("run"), "account"), "_ADD_");
    await cancelDialog(opened.page);
    notEqual(await valueIn(await open("gone"), "account"), "aws");
  });

  it("generates a random external id, another one with each click", async () => {
    for (const id of ["aws", "run"]) {
      const dialog = await open(id);
      const button = dialog.getByRole("button", { name: "Generate a random ID" });
      await button.click();
      const first = await inputOf(dialog, "externalId").inputValue();
      match(first, /^[0-9a-f]{32}$/);
      await button.click();
      notEqual(await inputOf(dialog, "externalId").inputValue(), first);
      if (id === "aws") {
        await cancelDialog(opened.page);
      }
    }
  });
}
