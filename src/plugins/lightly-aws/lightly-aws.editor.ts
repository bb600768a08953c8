import { withCheck } from "../../sidebar/check/with-check.ts";
import { editor } from "../../sidebar/host/editor.ts";
import { editorHost } from "../../sidebar/host/editor-host.ts";
import { setHost, text } from "../../sidebar/host/host.ts";
import { RunsPanel } from "../../sidebar/panel.ts";
import { pageAddress } from "../../sidebar/parts/page-address.ts";

const TAB = "lightly-aws-runs";
const ACTION = "lightly-aws:show-runs";
const PAGE_ACTION = "lightly-aws:open-runs-page";

editor.plugins.registerPlugin(TAB, {
  type: "lightly-aws-sidebar",
  onadd() {
    setHost(editorHost);
    const panel = new RunsPanel();
    editor.actions.add(ACTION, () => editor.sidebar.show(TAB), { label: text("show") });
    editor.actions.add(PAGE_ACTION, () => void window.open(pageAddress({}), "lightly-runs"), {
      label: text("page.open"),
    });
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
