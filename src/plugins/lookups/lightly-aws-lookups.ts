import type { Request, Response } from "express";
import type { NodeAPI } from "node-red";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { withinSeconds } from "../../services/listing.ts";
import { filledAccount } from "./filled-account.ts";
import { AWS_LOOKUPS, LIGHTLY_LOOKUPS, type Offers, type Query } from "./offer.ts";
import { type OpenedAccount, openDeployed, openFilled } from "./opened-account.ts";
import { tryAccount } from "./try-account.ts";

/** Somebody waits for it in front of a form. */
const ANSWERS_WITHIN_SECONDS = 10;

/**
 * What the forms look up, over Node-RED's admin API.
 * `GET lightly-aws/lookups/:what?account=ID` asks with an account as it is deployed (permission `lightly-aws-lookups.read`).
 * `POST lightly-aws/lookups/:what` asks with one as it stands in the editor, `POST lightly-aws/test` tries that (permission
 * `lightly-aws-lookups.write`: its values may name any address, to which the account's secret is then shown).
 * Errors are `{ code, message }`; no answer holds a secret.
 */
export default function lightlyAwsLookups(red: NodeAPI): void {
  const mayRead = red.auth.needsPermission("lightly-aws-lookups.read");
  const mayWrite = red.auth.needsPermission("lightly-aws-lookups.write");

  red.httpAdmin.get("/lightly-aws/lookups/:what", mayRead, ({ params, query }, response) => {
    const { account, ...rest } = texts(query);
    void answer(response, [], async () => lookUp(await openDeployed(red, account ?? ""), params.what ?? "", rest));
  });

  red.httpAdmin.post("/lightly-aws/lookups/:what", mayWrite, isJson, ({ params, body }, response) => {
    void answer(response, secretsIn(body), async () =>
      lookUp(await openFilled(filledAccount(red, body?.account)), params.what ?? "", texts(body?.query)),
    );
  });

  red.httpAdmin.post("/lightly-aws/test", mayWrite, isJson, ({ body }, response) => {
    void answer(response, secretsIn(body), async () => {
      const account = await openFilled(filledAccount(red, body?.account));
      return closing(account, () =>
        withinSeconds(ANSWERS_WITHIN_SECONDS, NAMES[account.kind], (signal) => tryAccount(account, signal)),
      );
    });
  });
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
function isJson(request: Request, response: Response, next: () => void): void {
  if (request.is("application/json")) {
    next();
  } else {
    response.status(415).json({ code: "INPUT_INVALID", message: "The request must be application/json." });
  }
}

async function answer(response: Response, secrets: readonly string[], work: () => Promise<unknown>): Promise<void> {
  try {
    response.json(await work());
  } catch (thrown) {
    const { code, message } = toPipelineError(thrown);
    response.status(statusOf(code)).json({ code, message: masked(message, secrets) });
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

/** What was typed into a secret's field may come back in a service's own words. */
function secretsIn(body: unknown): string[] {
  const { credentials } = Object(Object(body).account) as { credentials?: unknown };
  return Object.entries(Object(credentials) as object)
    .filter(([key, value]) => key !== "accessKeyId" && typeof value === "string" && value.length > 3)
    .map(([, value]) => String(value));
}

function masked(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), redact(message));
}

function texts(values: unknown): Record<string, string> {
  const entries = Object.entries(Object(values) as object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
