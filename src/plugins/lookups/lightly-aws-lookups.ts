import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { withinSeconds } from "../../services/listing.ts";
import { requireSameOrigin } from "../require-same-origin.ts";
import { type AccountClient, connectDeployed, connectEdited } from "./account-client.ts";
import { type EditedAccount, readEditedAccount } from "./edited-account.ts";
import { AWS_LOOKUPS, LIGHTLY_LOOKUPS, type Offers, type Query, REGIONLESS_LOOKUPS } from "./lookup-tables.ts";
import { isSecret, type MaskedValue, maskValues } from "./masked-values.ts";
import { testConnection } from "./test-connection.ts";

/** Short, because the user waits in front of a form. */
const TIMEOUT_SECONDS = 10;

/**
 * The look-ups of the forms, over Node-RED's admin API:
 * - `GET lightly-aws/lookups/:what?account=ID` uses a deployed account (permission `lightly-aws-lookups.read`).
 * - `POST lightly-aws/lookups/:what` uses an account as it is in the editor, `POST lightly-aws/connection-test` tests it (permission
 *   `lightly-aws-lookups.write`). An account that differs from the deployed one needs `flows.write` as well, because its values may
 *   contain any address and any variable. A user with that permission can send secrets to any address anyway.
 *
 * Errors are `{ code, message }`. No response contains a secret or the value of a variable.
 */
export default function lightlyAwsLookups(red: NodeAPI): void {
  const mayRead = red.auth.needsPermission("lightly-aws-lookups.read");
  const mayWrite = red.auth.needsPermission("lightly-aws-lookups.write");
  const sameOrigin = requireSameOrigin(red);
  const readAccount = accountReader(red, red.auth.needsPermission("flows.write"));

  red.httpAdmin.get("/lightly-aws/lookups/:what", mayRead, ({ params, query }, response) => {
    const { account, ...rest } = strings(query);
    void answer(response, [], async () => lookUp(await connectDeployed(red, account ?? ""), params.what ?? "", rest));
  });

  red.httpAdmin.post("/lightly-aws/lookups/:what", mayWrite, sameOrigin, readAccount, ({ params, body }, response) => {
    const edited = editedIn(response);
    void answer(response, edited.masked, async () =>
      lookUp(await connectFor(String(params.what), edited), String(params.what), strings(body?.query)),
    );
  });

  red.httpAdmin.post("/lightly-aws/connection-test", mayWrite, sameOrigin, readAccount, (_request, response) => {
    const edited = editedIn(response);
    void answer(response, edited.masked, async () => {
      const account = await connectEdited(edited);
      return closing(account, () =>
        withinSeconds(TIMEOUT_SECONDS, NAMES[account.kind], async (signal) => {
          const report = await testConnection(account, signal);
          return report.kind === "lightly" ? { ...report, server: maskValues(report.server, edited.masked) } : report;
        }),
      );
    });
  });
}

/**
 * Reads the account of a request and checks the permission that it needs. The handler uses the same result, so that a deploy in between
 * can't bypass the check.
 */
function accountReader(red: NodeAPI, mayDeploy: RequestHandler): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    try {
      const account = readEditedAccount(red, request.body?.account);
      response.locals.account = account;
      if (account.needsDeployPermission) {
        mayDeploy(request, response, next);
      } else {
        next();
      }
    } catch (thrown) {
      void answer(response, [], () => Promise.reject(thrown));
    }
  };
}

function editedIn(response: Response): EditedAccount {
  return response.locals.account as EditedAccount;
}

const NAMES = { aws: "AWS", lightly: "Lightly", pexels: "Pexels" } as const;

/** An account whose region is about to be chosen has none. Requests for the choice go to the first region of AWS. */
function connectFor(what: string, edited: EditedAccount): Promise<AccountClient> {
  return connectEdited(edited, REGIONLESS_LOOKUPS.includes(what) ? { defaultRegion: "us-east-1" } : {});
}

function lookUp(account: AccountClient, what: string, query: Query): Promise<Offers> {
  return closing(account, () =>
    withinSeconds(TIMEOUT_SECONDS, NAMES[account.kind], async (signal) => {
      if (account.kind === "aws" && Object.hasOwn(AWS_LOOKUPS, what)) {
        return await (AWS_LOOKUPS[what] as (typeof AWS_LOOKUPS)[string])(account.clients, query, signal);
      }
      if (account.kind === "lightly" && Object.hasOwn(LIGHTLY_LOOKUPS, what)) {
        return await (LIGHTLY_LOOKUPS[what] as (typeof LIGHTLY_LOOKUPS)[string])(account.client, query, signal);
      }
      throw new PipelineError("INPUT_INVALID", `An account of ${NAMES[account.kind]} has no look-up of this name.`);
    }),
  );
}

async function closing<T>(account: AccountClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await account.close();
  }
}

async function answer(response: Response, masked: readonly MaskedValue[], work: () => Promise<unknown>): Promise<void> {
  try {
    response.type("json").send(maskValues(JSON.stringify(await work()), masked.filter(isSecret)));
  } catch (thrown) {
    const { code, message } = toPipelineError(thrown);
    response.status(statusOf(code)).json({ code, message: redact(maskValues(message, masked)) });
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

function strings(values: unknown): Record<string, string> {
  const entries = Object.entries(Object(values) as object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
