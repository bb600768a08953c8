import type { NodeAPI } from "node-red";
import { RunJournal } from "../../runs/journal/run-journal.ts";
import { runs } from "../../runs/run-registry.ts";
import { runsFolder } from "./runs-folder.ts";

/**
 * The runs of this Node-RED over its admin API: `GET lightly-aws/runs` and `GET lightly-aws/runs/:runId` answer what each step does,
 * did or failed with. Permission: `lightly-aws-runs.read`. Also keeps them on the disk: plugins load before any flow starts.
 */
export default function lightlyAwsRuns(red: NodeAPI): void {
  const folder = runsFolder(red.settings);
  if (folder !== undefined) {
    const warn = (message: string): void => red.log.warn(message);
    for (const warning of runs.attach(new RunJournal({ folder, warn }))) {
      warn(warning);
    }
  }

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
