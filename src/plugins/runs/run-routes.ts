import type { NodeAPI } from "node-red";
import { addReadRoutes } from "./read-routes.ts";
import type { RunChangeLog } from "./run-change-log.ts";
import { addWriteRoutes } from "./write-routes.ts";

/**
 * The runs of this Node-RED over its admin API.
 *
 * With the permission `lightly-aws-runs.read`:
 * - `GET lightly-aws/runs`: the records of all runs
 * - `GET lightly-aws/runs/:runId`: the record of one, with its `usage`, and the actions that are not possible now, and why (`blocked`)
 * - `GET lightly-aws/runs?summary`: a summary of each run
 * - `GET lightly-aws/changes?since=CURSOR`: the summaries that have changed
 * - `GET lightly-aws/runs/:runId/steps/:number/input`: the message that a step has received
 * - `GET lightly-aws/accounts`: the web consoles of the accounts
 *
 * With the permission `lightly-aws-runs.write`, as JSON and not from a page of another site:
 * - `POST lightly-aws/runs/:runId/abort`, `.../retry`, `.../rerun` (`{ inputs: { NUMBER: MESSAGE } }` replaces messages)
 * - `DELETE lightly-aws/runs/:runId`
 */
export function addRunRoutes(red: NodeAPI, changeLog: RunChangeLog): void {
  addReadRoutes(red, changeLog);
  addWriteRoutes(red);
}
