import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { withinSeconds } from "../../services/listing.ts";
import { fromOwnPages } from "../own-pages.ts";
import { type AccountInEditor, filledAccount } from "./filled-account.ts";
import { type Hidden, isSecret, withoutHidden } from "./hidden-values.ts";
import { AWS_LOOKUPS, LIGHTLY_LOOKUPS, type Offers, type Query } from "./offer.ts";
import { type OpenedAccount, openDeployed, openFilled } from "./opened-account.ts";
import { tryAccount } from "./try-account.ts";

/** Somebody waits for it in front of a form. */
const ANSWERS_WITHIN_SECONDS = 10;

/**
 * What the forms look up, over Node-RED's admin API.
 * `GET lightly-aws/lookups/:what?account=ID` asks with an account as it is deployed (permission `lightly-aws-lookups.read`).
 * `POST lightly-aws/lookups/:what` asks with one as it stands in the editor, `POST lightly-aws/test` tries that (permission
 * `lightly-aws-lookups.write`). What goes beyond the deployed account needs `flows.write` as well: its values may name any address and
 * any variable, and whoever may deploy can send secrets there anyway.
 * Errors are `{ code, message }`; no answer tells a secret or a variable's value.
 */
export default function lightlyAwsLookups(red: NodeAPI): void {
  const mayRead = red.auth.needsPermission("lightly-aws-lookups.read");
  const mayWrite = red.auth.needsPermission("lightly-aws-lookups.write");
  const ownPages = fromOwnPages(red);
  const fill = filling(red, red.auth.needsPermission("flows.write"));

  red.httpAdmin.get("/lightly-aws/lookups/:what", mayRead, ({ params, query }, response) => {
    const { account, ...rest } = texts(query);
    void answer(response, [], async () => lookUp(await openDeployed(red, account ?? ""), params.what ?? "", rest));
  });

  red.httpAdmin.post("/lightly-aws/lookups/:what", mayWrite, ownPages, fill, ({ params, body }, response) => {
    const filled = filledIn(response);
    void answer(response, filled.hidden, async () =>
      lookUp(await openFilled(filled), String(params.what), texts(body?.query)),
    );
  });

  red.httpAdmin.post("/lightly-aws/test", mayWrite, ownPages, fill, (_request, response) => {
    const filled = filledIn(response);
    void answer(response, filled.hidden, async () => {
      const account = await openFilled(filled);
      return closing(account, () =>
        withinSeconds(ANSWERS_WITHIN_SECONDS, NAMES[account.kind], async (signal) => {
          const report = await tryAccount(account, signal);
          return report.kind === "lightly"
            ? { ...report, server: withoutHidden(report.server, filled.hidden) }
            : report;
        }),
      );
    });
  });
}

/**
 * Reads the account of a request, and lets it pass when it is no more than what is deployed, or the user may deploy. The handler behind
 * it uses the same reading, so that a deploy in between changes nothing.
 */
function filling(red: NodeAPI, mayDeploy: RequestHandler): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    try {
      const account = filledAccount(red, request.body?.account);
      response.locals.account = account;
      if (account.isBeyondDeployed) {
        mayDeploy(request, response, next);
      } else {
        next();
      }
    } catch (thrown) {
      void answer(response, [], () => Promise.reject(thrown));
    }
  };
}

function filledIn(response: Response): AccountInEditor {
  return response.locals.account as AccountInEditor;
}

const NAMES = { aws: "AWS", lightly: "Lightly", pexels: "Pexels" } as const;

function lookUp(account: OpenedAccount, what: string, query: Query): Promise<Offers> {
  return closing(account, () =>
    withinSeconds(ANSWERS_WITHIN_SECONDS, NAMES[account.kind], async (signal) => {
      if (account.kind === "aws" && Object.hasOwn(AWS_LOOKUPS, what)) {
        return await (AWS_LOOKUPS[what] as (typeof AWS_LOOKUPS)[string])(account.clients, query, signal);
      }
      if (account.kind === "lightly" && Object.hasOwn(LIGHTLY_LOOKUPS, what)) {
        return await (LIGHTLY_LOOKUPS[what] as (typeof LIGHTLY_LOOKUPS)[string])(account.client, query, signal);
      }
      throw new PipelineError("INPUT_INVALID", `An account of ${NAMES[account.kind]} has no such look-up.`);
    }),
  );
}

async function closing<T>(account: OpenedAccount, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await account.close();
  }
}

/** A form on a page of somebody else's can send another type without asking first, and with it a stored secret anywhere. */
async function answer(response: Response, hidden: readonly Hidden[], work: () => Promise<unknown>): Promise<void> {
  try {
    response.type("json").send(withoutHidden(JSON.stringify(await work()), hidden.filter(isSecret)));
  } catch (thrown) {
    const { code, message } = toPipelineError(thrown);
    response.status(statusOf(code)).json({ code, message: redact(withoutHidden(message, hidden)) });
  }
}

function statusOf(code: string): number {
  switch (code) {
    case "ACCOUNT_MISSING":
      return 404;
    case "TIMED_OUT":
      return 504;
    case "INTERNAL":
      return 500;
    default:
      return /^(?:INPUT_INVALID|VARIABLE_UNDEFINED|\w+_MISSING)$/.test(code) ? 400 : 502;
  }
}

function texts(values: unknown): Record<string, string> {
  const entries = Object.entries(Object(values) as object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
