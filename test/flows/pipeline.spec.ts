import { deepEqual, equal, match } from "node:assert/strict";
import { stepOf, usePipeline } from "./support/pipeline.ts";

for (const nodeRed of ["node-red", "node-red-4"] as const) {
  describe(`the example flow in ${nodeRed === "node-red" ? "Node-RED 5" : "Node-RED 4.1"}`, () => {
    const pipeline = usePipeline({ nodeRed, worker: "stand-in" });

    it("returns 202 with the run's id, completes both branches, selects a tenth of the frames and stops the instance", async () => {
      const response = await fetch(`${pipeline.stack.nodeRed.url}/lightly-pipeline`, { method: "POST" });
      equal(response.status, 202);
      const { runId } = (await response.json()) as { runId: string };
      const run = await pipeline.end(runId);
      equal(run.error, undefined);
      deepEqual(run.steps.map(({ type, state }) => [type, state]).sort(), [
        ["lightly-ec2-start", "completed"],
        ["lightly-ec2-stop", "completed"],
        ["lightly-pexels-download", "completed"],
        ["lightly-run", "completed"],
        ["lightly-s3-upload", "completed"],
        ["lightly-ssm-run-script", "completed"],
      ]);
      const services = (type: string): string[] => Object.keys(stepOf(run, type)?.requests ?? {}).sort();
      deepEqual(services("lightly-pexels-download"), ["pexels"]);
      deepEqual(services("lightly-s3-upload"), ["s3"]);
      deepEqual(services("lightly-ec2-start"), ["ec2", "ssm"]);
      deepEqual(services("lightly-ssm-run-script"), ["ssm"]);
      deepEqual(services("lightly-run"), ["lightly"]);
      const lightly = stepOf(run, "lightly-run")?.result?.lightly as { state: string } | undefined;
      equal(lightly?.state, "COMPLETED");
      const objects = pipeline.stack.sandbox.events.list({ kind: "object" });
      match(JSON.stringify(objects), /pexels-/);
      equal(await pipeline.instance(), "stopped");
    });

    it("logs no error, no warning of a node and no secret", () => {
      const { token, credentials, pexelsKey } = pipeline.stack.sandbox;
      const log = pipeline.log.join("\n");
      deepEqual(
        pipeline.log.filter((line) => line.includes("[error]") || line.includes("[warn] [lightly-")),
        [],
      );
      for (const secret of [token, credentials.secretAccessKey, pexelsKey]) {
        equal(log.includes(secret), false);
      }
    });
  });
}
