import { NODE_REDS } from "../support/node-reds.ts";
import { NEW_NODES_FLOW, testNewNodes } from "./new-nodes.ts";
import { SAME_FOLDER_FLOW, warnsAboutSameFolder } from "./same-folder-warning.ts";
import { SUBFLOW_FLOW, testSubflowNode } from "./subflow-node.ts";
import { useFlowEditor } from "./use-editor.ts";

/** What needs some nodes only shares an editor, which takes longer to open than most of these tests. */
const FLOW = [...NEW_NODES_FLOW, ...SAME_FOLDER_FLOW, ...SUBFLOW_FLOW];

for (const nodeRedPackage of NODE_REDS) {
  describe(`in the editor of ${nodeRedPackage}`, () => {
    const opened = useFlowEditor({ flow: FLOW, nodeRedPackage });

    describe("the form of a new node", () => testNewNodes(opened));
    describe("the form of lightly run", () => warnsAboutSameFolder(opened));
    describe("the node of a step inside of a subflow", () => testSubflowNode(opened));
  });
}
