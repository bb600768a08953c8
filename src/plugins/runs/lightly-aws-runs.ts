import type { Response } from "express";
import type { NodeAPI } from "node-red";
import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { resumeRunsOnStart } from "../../nodes/shared/resume-on-start.ts";
import { RunJournal } from "../../runs/journal/run-journal.ts";
import { RunsLock } from "../../runs/lock/runs-lock.ts";
import type { RunRecord } from "../../runs/records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import { fromOwnPages } from "../own-pages.ts";
import { accountPlaces } from "./account-places.ts";
import { GatheredNews } from "./gathered-news.ts";
import { RunNewsBoard } from "./run-news.ts";
import { runsFolder } from "./runs-folder.ts";

/**
 * On which the editors hear that something has changed, and no more: Node-RED sends a topic to everyone who may open the editor, also to
 * those who may not see runs. What has changed they ask of the admin API, which knows the difference.
 */
const RUNS_TOPIC = "lightly-aws/runs";

/**
 * The runs of this Node-RED over its admin API: `GET lightly-aws/runs` and `GET lightly-aws/runs/:runId` answer what each step does,
 * did or failed with, `GET lightly-aws/runs?summary` a line for each run, `GET lightly-aws/news?since=` the lines that have changed,
 * `GET .../:runId/steps/:number/input` the message that a step has received (permission `lightly-aws-runs.read`); `POST .../:runId/abort`,
 * `.../retry` and `.../rerun` do what they say (permission `lightly-aws-runs.write`; as JSON, and from no other site's page). Tells open
 * editors that something has changed. Also keeps the runs on the disk: plugins load before any flow starts.
 */
export default function lightlyAwsRuns(red: NodeAPI): void {
  const folder = runsFolder(red.settings);
  if (folder !== undefined) {
    const warn = (message: string): void => red.log.warn(message);
    const info = (message: string): void => red.log.info(message);
    const lock = new RunsLock({ folder });
    process.on("exit", () => lock.release());
    runs.attach(new RunJournal({ folder, warn, info }), { lock, warn, info });
  }

  // Also where the flows have no step of ours any more: then what runs have left on is stopped from here.
  resumeRunsOnStart(red);

  const board = new RunNewsBoard({
    summaries: () => runs.summaries(),
    summary: (runId) => runs.summary(runId),
    now: Date.now,
  });
  const news = new GatheredNews({
    publish: () => red.comms.publish(RUNS_TOPIC, { at: board.at }, false),
    later: (ms, callback) => void setTimeout(callback, ms).unref(),
  });
  runs.onChange((runId) => {
    board.changed(runId);
    news.changed();
  });

  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");

  red.httpAdmin.get("/lightly-aws/runs", mayRead, ({ query }, response) => {
    response.json(query.summary === undefined ? runs.liveRecords() : runs.summaries());
  });

  red.httpAdmin.get("/lightly-aws/news", mayRead, ({ query: { since } }, response) => {
    response.json(board.since(typeof since === "string" && since !== "" ? Number(since) : undefined));
  });

  red.httpAdmin.get("/lightly-aws/places", mayRead, (_request, response) => {
    response.json(accountPlaces(red));
  });

  red.httpAdmin.get("/lightly-aws/runs/:runId", mayRead, ({ params: { runId = "" } }, response) => {
    void answer(response, () => runs.find(runId));
  });

  red.httpAdmin.get("/lightly-aws/runs/:runId/steps/:number/input", mayRead, ({ params }, response) => {
    const { runId = "", number } = params;
    void answer(response, () => {
      const { value: message, omitted = [] } = runs.input(runId, Number(number)) ?? {};
      return { message, omitted };
    });
  });

  const mayWrite = red.auth.needsPermission("lightly-aws-runs.write");
  const ownPages = fromOwnPages(red);

  red.httpAdmin.post("/lightly-aws/runs/:runId/abort", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => told(runs.abort(runId, "it was asked for over the admin API.")));
  });

  red.httpAdmin.post("/lightly-aws/runs/:runId/retry", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => told(runs.retry(runId)));
  });

  red.httpAdmin.post("/lightly-aws/runs/:runId/rerun", mayWrite, ownPages, ({ params: { runId = "" } }, response) => {
    void answer(response, () => told(runs.rerun(runId, red.util.generateId())));
  });
}

async function told(run: Promise<RunRecord>): Promise<object> {
  return await run;
}

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = { RUN_NOT_FOUND: 404, JOURNAL_WRITE_FAILED: 507 };

async function answer(response: Response, act: () => object | Promise<object>): Promise<void> {
  try {
    response.json(await act());
  } catch (thrown) {
    const { code, message, details } = toPipelineError(thrown);
    // What was done although the disk does not know of it: of a run that was run again, the new one.
    const runId = code === "JOURNAL_WRITE_FAILED" ? { runId: details.runId } : {};
    response.status(ownEntry(STATUSES, code) ?? 409).json({ code, message, ...runId });
  }
}
