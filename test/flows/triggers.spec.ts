import { deepEqual, equal } from "node:assert/strict";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { RunSummary } from "../../src/records/run-summary.ts";
import { until } from "../nodes/support/until.ts";
import { buttonsOf, isDone } from "./support/buttons.ts";
import { usePipeline } from "./support/pipeline.ts";

/** A button behind a link, and a step that fails immediately because it has no account. */
const LINKED = [
  { id: "linked", type: "inject", name: "", x: 1, y: 1, wires: [["out"]] },
  { id: "out", type: "link out", mode: "link", links: ["in"], x: 1, y: 1, wires: [] },
  { id: "in", type: "link in", links: ["out"], x: 1, y: 1, wires: [["change"]] },
  { id: "change", type: "change", rules: [], x: 1, y: 1, wires: [["step"]] },
  { id: "step", type: "lightly-s3-upload", x: 1, y: 1, wires: [[]] },
];

for (const nodeRed of ["node-red", "node-red-4"] as const) {
  describe(`the trigger of a run in ${nodeRed}`, () => {
    const pipeline = usePipeline({ nodeRed, worker: "instant" });
    const buttons = buttonsOf(pipeline);
    const post = (path: string, body = {}): Promise<Response> =>
      fetch(`${pipeline.stack.nodeRed.url}${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    const triggerOf = ({ trigger }: RunRecord): unknown =>
      trigger?.kind === "node" ? [trigger.type, trigger.name] : trigger;
    let clicked: RunRecord;

    it("is the button that was clicked", async () => {
      clicked = await buttons.runOf(() => buttons.press("run the pipeline"), isDone);
      deepEqual(triggerOf(clicked), ["inject", "run the pipeline"]);
    });

    it("is the HTTP node that received the request, although both lead to the same steps", async () => {
      const asked = await buttons.runOf(async () => void (await pipeline.trigger()), isDone);
      deepEqual(triggerOf(asked), ["http in", "POST /lightly-pipeline"]);
    });

    it("is the original run of a rerun", async () => {
      const again = await buttons.runOf(
        async () => void (await post(`/lightly-aws/runs/${clicked.runId}/rerun`)),
        isDone,
      );
      deepEqual(again.trigger, { kind: "rerun", runId: clicked.runId });
    });

    it("is a button even behind a link and other nodes; without a name, its type is used", async () => {
      equal((await post("/flow", { label: "linked", nodes: LINKED })).status, 200);
      const press = (): Promise<void> => until(async () => (await post("/inject/linked")).ok);
      const run = await buttons.runOf(press, ({ endedAt }) => endedAt !== undefined);
      deepEqual(triggerOf(run), ["inject", "inject"]);
    });

    it("is in the summary of each run", async () => {
      const lines = (await (
        await fetch(`${pipeline.stack.nodeRed.url}/lightly-aws/runs?summary`)
      ).json()) as RunSummary[];
      deepEqual(
        lines.map(({ trigger }) => trigger?.kind),
        ["node", "node", "rerun", "node"],
      );
    });
  });
}
