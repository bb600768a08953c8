import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { useFlowEditor } from "./use-editor.ts";

type ImportedNode = { readonly type: string };

/** The editor's own modules, in the browser. */
declare const RED: {
  readonly view: { importNodes(nodes: readonly object[], options: object): void };
  readonly nodes: { eachConfig(each: (node: ImportedNode) => void): void };
};

/**
 * The whole pipeline first, as the README says: Node-RED gives new ids to accounts that an import brings along with known ones. All accounts in
 * each example would share them in any order, but after each deploy Node-RED would warn of those that the example does not use.
 */
const EXAMPLES = ["examples/flows.json", ...globSync("examples/*.json")].map(
  (path) => JSON.parse(readFileSync(path, "utf8")) as object[],
);

describe("all examples in one editor, after the whole pipeline", () => {
  const opened = useFlowEditor({ flow: [], allNodes: true });

  it("share the accounts", async () => {
    const types = await opened.page.evaluate((examples) => {
      for (const nodes of examples) {
        try {
          RED.view.importNodes(nodes, { generateIds: false, addFlow: false });
        } catch {
          // What "Import copy" does in the dialog about nodes that exist already.
          RED.view.importNodes(nodes, { generateIds: true, addFlow: false });
        }
      }
      const found: string[] = [];
      RED.nodes.eachConfig(({ type }) => found.push(type));
      return found.filter((type) => type.startsWith("lightly-")).sort();
    }, EXAMPLES);
    deepEqual(types, ["lightly-account", "lightly-aws-account", "lightly-pexels-account"]);
  });
});
