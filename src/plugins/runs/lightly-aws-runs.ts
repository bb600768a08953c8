import type { Response } from "express";
import type { NodeAPI } from "node-red";
import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { RunsLock } from "../../journal/lock/runs-lock.ts";
import { RunJournal } from "../../journal/run-journal.ts";
import { resumeRunsOnStart } from "../../nodes/shared/step/resume-on-start.ts";
import { type RunRecord, USER_ABORT } from "../../records/run-record.ts";
import { runUsage } from "../../records/run-usage.ts";
import { runs } from "../../runs/run-registry.ts";
import { requireSameOrigin } from "../require-same-origin.ts";
import { nodeTooOld } from "../supported-node.ts";
import { accountPages } from "./account-pages.ts";
import { ChangeNotifier } from "./change-notifier.ts";
import { editedInputs } from "./edited-inputs.ts";
import { RunChangeLog } from "./run-change-log.ts";
import { runsFolder } from "./runs-folder.ts";

/**
 * Notifies the editors that some run has changed, without saying which: Node-RED publishes a topic to all users of the editor, including
 * those without permission to read runs. Editors request the changes over the admin API, which checks permissions.
 */
const RUNS_TOPIC = "lightly-aws/runs";

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
 *
 * The plugin also attaches the journal, because plugins load before flows start.
 */
export default function lightlyAwsRuns(red: NodeAPI): void {
  const tooOld = nodeTooOld(process.versions.node);
  if (tooOld !== undefined) {
    red.log.warn(tooOld);
  }
  const folder = runsFolder(red.settings);
  if (folder !== undefined) {
    const warn = (message: string): void => red.log.warn(message);
    const info = (message: string): void => red.log.info(message);
    const lock = new RunsLock({ folder });
    process.on("exit", () => lock.release());
    runs.attach(new RunJournal({ folder, warn, info }), { lock, warn, info });
  }

  // Instances that interrupted runs have started are stopped even if the flows no longer contain a node of this package.
  resumeRunsOnStart(red);

  const changeLog = new RunChangeLog({
    summaries: () => runs.summaries(),
    summary: (runId) => runs.summary(runId),
    now: Date.now,
  });
  const notifier = new ChangeNotifier({
    publish: () => red.comms.publish(RUNS_TOPIC, { cursor: changeLog.cursor }, false),
    later: (ms, callback) => void setTimeout(callback, ms).unref(),
  });
  runs.onChange((runId) => {
    changeLog.add(runId);
    notifier.notify();
  });

  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");

  red.httpAdmin.get("/lightly-aws/runs", mayRead, ({ query }, response) => {
    response.json(query.summary === undefined ? runs.liveRecords() : runs.summaries());
  });

  red.httpAdmin.get("/lightly-aws/changes", mayRead, ({ query: { since } }, response) => {
    response.json(changeLog.since(typeof since === "string" && since !== "" ? Number(since) : undefined));
  });

  red.httpAdmin.get("/lightly-aws/accounts", mayRead, (_request, response) => {
    void answer(response, () => accountPages(red));
  });

  red.httpAdmin.get("/lightly-aws/runs/:runId", mayRead, ({ params: { runId = "" } }, response) => {
    void answer(response, () => {
      const run = runs.find(runId);
      return { ...run, usage: runUsage(run, runs.now()), blocked: runs.blockedActions(runId) };
    });
  });

  red.httpAdmin.get("/lightly-aws/runs/:runId/steps/:number/input", mayRead, ({ params }, response) => {
    const { runId = "", number } = params;
    void answer(response, () => {
      const { value: message, omitted = [] } = runs.input(runId, Number(number)) ?? {};
      return { message, omitted };
    });
  });

  const mayWrite = red.auth.needsPermission("lightly-aws-runs.write");
  const ownPages = requireSameOrigin(red);

  red.httpAdmin.post("/lightly-aws/runs/:runId/abort", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => asObject(runs.abort(runId, USER_ABORT)));
  });

  red.httpAdmin.post("/lightly-aws/runs/:runId/retry", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => asObject(runs.retry(runId)));
  });

  red.httpAdmin.post("/lightly-aws/runs/:runId/rerun", mayWrite, ownPages, ({ params, body }, response) => {
    const { runId = "" } = params;
    void answer(response, () => asObject(runs.rerun(runId, red.util.generateId(), editedInputs(body))));
  });

  red.httpAdmin.delete("/lightly-aws/runs/:runId", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => {
      runs.delete(runId);
      return { runId };
    });
  });
}

async function asObject(run: Promise<RunRecord>): Promise<object> {
  return await run;
}

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  INPUT_INVALID: 400,
  RUN_NOT_FOUND: 404,
  JOURNAL_WRITE_FAILED: 507,
};

async function answer(response: Response, act: () => object | Promise<object>): Promise<void> {
  try {
    response.json(await act());
  } catch (thrown) {
    const { code, message, details } = toPipelineError(thrown);
    // A rerun that could not be saved has started nevertheless, so the response contains the id of the new run.
    const runId = code === "JOURNAL_WRITE_FAILED" ? { runId: details.runId } : {};
    response.status(ownEntry(STATUSES, code) ?? 409).json({ code, message, ...runId });
  }
}
