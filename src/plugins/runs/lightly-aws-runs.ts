import type { NodeAPI } from "node-red";
import { runs } from "../../runs/run-registry.ts";

/**
 * The runs of this Node-RED over its admin API: `GET lightly-aws/runs` and `GET lightly-aws/runs/:runId` answer what each step does,
 * did or failed with. Permission: `lightly-aws-runs.read`.
 */
export default function lightlyAwsRuns(red: NodeAPI): void {
  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");

  red.httpAdmin.get("/lightly-aws/runs", mayRead, (_request, response) => {
    response.json(runs.list());
  });

  red.httpAdmin.get("/lightly-aws/runs/:runId", mayRead, (request, response) => {
    const { runId = "" } = request.params;
    const run = runs.get(runId);
    if (run) {
      response.json(run);
    } else {
      response.status(404).json({ code: "RUN_NOT_FOUND", message: `There is no run ${runId}.` });
    }
  });
}
