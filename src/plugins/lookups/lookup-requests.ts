import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { withinSeconds } from "../../services/listing.ts";
import { type AccountClient, connectDeployed, connectEdited } from "./account-client.ts";
import { type EditedAccount, readEditedAccount } from "./edited-account.ts";
import { AWS_LOOKUPS, LIGHTLY_LOOKUPS, type Offers, type Query, REGIONLESS_LOOKUPS } from "./lookup-tables.ts";
import { isSecret, type MaskedValue, maskValues } from "./masked-values.ts";
import { testConnection } from "./test-connection.ts";

/** Short, because the user waits in front of a form. */
const TIMEOUT_SECONDS = 10;

/** `GET lightly-aws/lookups/:what?account=ID`. */
export async function lookUpDeployed(red: NodeAPI, { params, query }: Request, response: Response): Promise<void> {
  const { account, ...rest } = strings(query);
  await respond(response, [], async () => lookUp(await connectDeployed(red, account ?? ""), String(params.what), rest));
}

/** `POST lightly-aws/lookups/:what`, after {@link readAccount}. */
export async function lookUpEdited({ params, body }: Request, response: Response): Promise<void> {
  const edited = editedIn(response);
  await respond(response, edited.masked, async () =>
    lookUp(await connectFor(String(params.what), edited), String(params.what), strings(body?.query)),
  );
}

/** `POST lightly-aws/connection-test`, after {@link readAccount}. */
export async function testEdited(response: Response): Promise<void> {
  const edited = editedIn(response);
  await respond(response, edited.masked, async () => {
    const account = await connectEdited(edited);
    return closing(account, () =>
      withinSeconds(TIMEOUT_SECONDS, NAMES[account.kind], async (signal) => {
        const report = await testConnection(account, signal);
        return report.kind === "lightly" ? { ...report, server: maskValues(report.server, edited.masked) } : report;
      }),
    );
  });
}

/**
 * Reads the account of a request and checks the permission that it needs. The handler uses the same result, so that a deploy in between
 * can't bypass the check.
 */
export function readAccount(
  red: NodeAPI,
  mayDeploy: RequestHandler,
  request: Request,
  response: Response,
  next: NextFunction,
): void {
  try {
    const account = readEditedAccount(red, request.body?.account);
    response.locals.account = account;
    if (account.needsDeployPermission) {
      mayDeploy(request, response, next);
    } else {
      next();
    }
  } catch (thrown) {
    void respond(response, [], () => Promise.reject(thrown));
  }
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

async function respond(
  response: Response,
  masked: readonly MaskedValue[],
  work: () => Promise<unknown>,
): Promise<void> {
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
