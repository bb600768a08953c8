import { withCheck } from "../../sidebar/check/with-check.ts";
import { RunsPanel } from "../../sidebar/panel.ts";
import { editor, text } from "../../sidebar/parts/editor.ts";

const TAB = "lightly-aws-runs";
const ACTION = "lightly-aws:show-runs";

editor.plugins.registerPlugin(TAB, {
  type: "lightly-aws-sidebar",
  onadd() {
    const panel = new RunsPanel();
    editor.actions.add(ACTION, () => editor.sidebar.show(TAB), { label: text("show") });
    editor.sidebar.addTab({
      id: TAB,
      name: text("title"),
      label: text("title"),
      iconClass: "fa fa-film",
      content: $(withCheck(panel.element)),
      action: ACTION,
      enableOnEdit: true,
      pinned: true,
    });
    panel.start();
  },
});
