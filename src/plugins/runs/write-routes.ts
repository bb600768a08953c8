import type { NodeAPI } from "node-red";
import { USER_ABORT } from "../../records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import { requireSameOrigin } from "../require-same-origin.ts";
import { editedInputs } from "./edited-inputs.ts";
import { respond } from "./respond.ts";

/** The requests that change runs, with the permission `lightly-aws-runs.write`. */
export function addWriteRoutes(red: NodeAPI): void {
  const { httpAdmin } = red;
  const mayWrite = red.auth.needsPermission("lightly-aws-runs.write");
  const ownPages = requireSameOrigin(red);

  httpAdmin.post("/lightly-aws/runs/:runId/abort", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void respond(response, () => runs.abort(runId, USER_ABORT));
  });

  httpAdmin.post("/lightly-aws/runs/:runId/retry", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void respond(response, () => runs.retry(runId));
  });

  httpAdmin.post("/lightly-aws/runs/:runId/rerun", mayWrite, ownPages, ({ params, body }, response) => {
    const { runId = "" } = params;
    void respond(response, () => runs.rerun(runId, red.util.generateId(), editedInputs(body)));
  });

  httpAdmin.delete("/lightly-aws/runs/:runId", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void respond(response, () => {
      runs.delete(runId);
      return { runId };
    });
  });
}
