import { SAME_FOLDER_FLOW, warnsAboutSameFolder } from "./same-folder-warning.ts";
import { useFlowEditor } from "./use-editor.ts";

/** The other languages: languages.spec.ts. */
for (const nodeRedPackage of ["node-red", "node-red-4"]) {
  describe(`the form of lightly run in ${nodeRedPackage}`, () => {
    const opened = useFlowEditor({ flow: SAME_FOLDER_FLOW, nodeRedPackage });
    warnsAboutSameFolder(opened, "en-US", `en-US-${nodeRedPackage}`);
  });
}
