import type { NodeAPI } from "node-red";
import { resumeRunsOnStart } from "../../nodes/shared/step/resume-on-start.ts";
import { addCheckRoutes } from "../check/check-routes.ts";
import { addFrameRoutes } from "../frames/frame-routes.ts";
import { addLookupRoutes } from "../lookups/lookup-routes.ts";
import { addPageRoutes } from "../page/page-routes.ts";
import { routesOnRequest } from "../routes-on-request.ts";
import { attachJournal } from "../runs/attach-journal.ts";
import { publishChanges } from "../runs/publish-changes.ts";
import { addRunRoutes } from "../runs/run-routes.ts";
import { nodeTooOld } from "../supported-node.ts";

/**
 * The plugin of the package: the admin API, and the journal, because plugins load before flows start. Its html has the Runs panel, and what the
 * forms of all nodes share.
 */
export default function lightlyAws(red: NodeAPI): void {
  const tooOld = nodeTooOld(process.versions.node);
  if (tooOld !== undefined) {
    red.log.warn(tooOld);
  }
  attachJournal(red);
  // Instances that interrupted runs have started are stopped even if the flows no longer contain a node of this package.
  resumeRunsOnStart(red);
  const changeLog = publishChanges(red);
  routesOnRequest(red, () => {
    addRunRoutes(red, changeLog());
    addPageRoutes(red);
    addLookupRoutes(red);
    addFrameRoutes(red);
    addCheckRoutes(red);
  });
}
