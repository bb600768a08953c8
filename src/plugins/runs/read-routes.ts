import type { NodeAPI } from "node-red";
import { runUsage } from "../../records/run-usage.ts";
import { runs } from "../../runs/run-registry.ts";
import { accountPages } from "./account-pages.ts";
import { respond } from "./respond.ts";
import type { RunChangeLog } from "./run-change-log.ts";

/** The requests that read runs, with the permission `lightly-aws-runs.read`. */
export function addReadRoutes(red: NodeAPI, changeLog: RunChangeLog): void {
  const { httpAdmin } = red;
  const mayRead = red.auth.needsPermission("lightly-aws-runs.read");

  httpAdmin.get("/lightly-aws/runs", mayRead, ({ query }, response) => {
    response.json(query.summary === undefined ? runs.liveRecords() : runs.summaries());
  });

  httpAdmin.get("/lightly-aws/changes", mayRead, ({ query: { since } }, response) => {
    response.json(changeLog.since(typeof since === "string" && since !== "" ? Number(since) : undefined));
  });

  httpAdmin.get("/lightly-aws/accounts", mayRead, (_request, response) => {
    void respond(response, () => accountPages(red));
  });

  httpAdmin.get("/lightly-aws/runs/:runId", mayRead, ({ params: { runId = "" } }, response) => {
    void respond(response, () => {
      const run = runs.find(runId);
      return { ...run, usage: runUsage(run, runs.now()), blocked: runs.blockedActions(runId) };
    });
  });

  httpAdmin.get("/lightly-aws/runs/:runId/steps/:number/input", mayRead, ({ params }, response) => {
    const { runId = "", number } = params;
    void respond(response, () => {
      const { value: message, omitted = [] } = runs.input(runId, Number(number)) ?? {};
      return { message, omitted };
    });
  });
}
