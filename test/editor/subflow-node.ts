import { equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { openRunsPage } from "./runs-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import type { OpenEditor } from "./use-editor.ts";

/** The flow of {@link testSubflowNode}: a step inside of a subflow in a subflow. It fails immediately, because it has no account. */
export const SUBFLOW_FLOW = [
  { id: "subflows", type: "tab", label: "A flow" },
  {
    id: "in",
    type: "http in",
    z: "subflows",
    url: "/go",
    method: "post",
    x: 100,
    y: 100,
    wires: [["outer-node", "out"]],
  },
  { id: "out", type: "http response", z: "subflows", statusCode: "200", x: 500, y: 200, wires: [] },
  { id: "outer-node", type: "subflow:outer", z: "subflows", x: 300, y: 100, wires: [] },
  { id: "outer", type: "subflow", name: "outer", in: [{ x: 50, y: 50, wires: [{ id: "nested" }] }], out: [] },
  { id: "nested", type: "subflow:inner", z: "outer", x: 200, y: 50, wires: [] },
  { id: "inner", type: "subflow", name: "inner", in: [{ x: 50, y: 50, wires: [{ id: "template" }] }], out: [] },
  {
    id: "template",
    type: "lightly-pexels-download",
    z: "inner",
    name: "a step",
    x: 200,
    y: 50,
    account: "",
    wires: [[]],
  },
];

declare const RED: {
  workspaces: { active(): string; show(id: string): void };
  view: { selection(): { nodes?: ReadonlyArray<{ id: string }> } };
};

/** Adds the tests of the node of a step to a suite whose editor has {@link SUBFLOW_FLOW} among its flows. */
export function testSubflowNode(opened: OpenEditor): void {
  let runId = "";
  let failure = "";

  before(async () => {
    await fetch(`${opened.url}/go`, { method: "POST" });
    await until(async () => {
      const [run] = (await (await fetch(`${opened.url}/lightly-aws/runs`)).json()) as RunRecord[];
      runId = run?.runId ?? "";
      failure = run?.steps[0]?.error?.code ?? "";
      return run?.endedAt !== undefined;
    });
  });

  /** The open flow or subflow, and the selected nodes in it. */
  const shown = (page: Page) =>
    page.evaluate(() => [RED.workspaces.active(), ...(RED.view.selection().nodes ?? []).map(({ id }) => id)]);

  it("is selected in the template of its subflow, with the state of the step, when the step is chosen in the Runs panel", async () => {
    const panel = await openRunsPanel(opened.page);
    await panel.open(runId);
    await panel.step("a step").click();
    await until(async () => (await shown(opened.page)).join() === "inner,template");
    const status = opened.page.locator('[id="template"] .red-ui-flow-node-status-group');
    await status.filter({ hasText: failure }).waitFor();
    await panel.back();
    await until(async () => (await status.count()) === 0 || (await status.textContent()) === "");
    await opened.page.evaluate(() => RED.workspaces.show("subflows"));
  });

  it("is opened by the link of the Runs page, in the editor in another tab", async () => {
    const { page, open, step } = await openRunsPage(opened.page, opened.url);
    await open(runId, "steps");
    await step("a step").waitFor();
    const link = page.getByRole("link", { name: "Show the node" });
    equal(new URL((await link.getAttribute("href")) ?? "", page.url()).hash, "#node/template");
    const [editor] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await until(async () => (await shown(editor).catch(() => [])).join() === "inner,template");
    await editor.close();
    await page.close();
  });
}
