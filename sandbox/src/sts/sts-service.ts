import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID, type AwsCredentials, type AwsRequest, type AwsService } from "../aws/aws-service.ts";
import { queryProtocol } from "../aws/query-protocol.ts";
import { issueTemporaryCredentials } from "../aws/temporary-credentials.ts";
import { group, text } from "../s3/s3-xml.ts";

const protocol = queryProtocol("https://sts.amazonaws.com/doc/2011-06-15/");
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 900;
const MAX_SECONDS = 43_200;
/** The maximum session of a role that is assumed from a role is an hour. */
const MAX_CHAINED_SECONDS = 3600;

/** A role that may be assumed. */
export interface Role {
  /** `arn:aws:iam::123456789012:role/NAME` */
  readonly arn: string;
  /** When set, it is required to assume the role. */
  readonly externalId?: string;
}

export interface StsServiceOptions {
  /** The key pair from which temporary credentials are derived: the server's. */
  readonly credentials: AwsCredentials;
  /** Absent: any role of the account may be assumed. */
  readonly roles?: readonly Role[];
}

type Action = (request: AwsRequest, form: URLSearchParams, options: StsServiceOptions) => string;

const ACTIONS: Readonly<Record<string, Action>> = { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole };

/** The names of all operations. */
export const STS_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/** GetCallerIdentity, and AssumeRole whose credentials every service of the sandbox accepts until they expire. */
export function createStsService(options: StsServiceOptions): AwsService {
  return {
    name: "sts",
    async handle(request) {
      const body = (await request.body()).toString("utf8");
      const form = new URLSearchParams(body === "" ? request.url.searchParams : body);
      const action = form.get("Action") ?? "";
      const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
      if (run === undefined) {
        throw new AwsFault("InvalidAction", 400, `Could not find operation ${action} for version 2011-06-15`);
      }
      protocol.send(request, action, run(request, form, options));
    },
    refuse: protocol.refuse,
  };
}

function getCallerIdentity({ caller }: AwsRequest): string {
  return text("Arn", caller.arn) + text("UserId", caller.userId) + text("Account", ACCOUNT_ID);
}

function assumeRole(request: AwsRequest, form: URLSearchParams, { credentials, roles }: StsServiceOptions): string {
  const arn = form.get("RoleArn") ?? "";
  const sessionName = form.get("RoleSessionName") ?? "";
  const externalId = form.get("ExternalId") ?? undefined;
  checkInput(arn, sessionName, externalId);
  const role = roles?.find((one) => one.arn === arn);
  const known = roles === undefined ? arn.startsWith(`arn:aws:iam::${ACCOUNT_ID}:role/`) : role !== undefined;
  if (!known || (role?.externalId !== undefined && role.externalId !== externalId)) {
    const message = `User: ${request.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
    throw new AwsFault("AccessDenied", 403, message);
  }
  const name = arn.split("/").at(-1) ?? "";
  const roleId = `AROA${Buffer.from(arn).toString("hex").slice(-16).toUpperCase()}:${sessionName}`;
  const caller = { arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${name}/${sessionName}`, userId: roleId };
  const expiration = new Date(Date.now() + readDuration(request, form) * 1000);
  const issued = issueTemporaryCredentials(credentials, caller, expiration);
  return (
    group(
      "Credentials",
      text("AccessKeyId", issued.accessKeyId),
      text("SecretAccessKey", issued.secretAccessKey),
      text("SessionToken", issued.sessionToken),
      text("Expiration", expiration.toISOString()),
    ) + group("AssumedRoleUser", text("AssumedRoleId", caller.userId), text("Arn", caller.arn))
  );
}

function checkInput(arn: string, sessionName: string, externalId: string | undefined): void {
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,64}$/.test(arn)) {
    throw new AwsFault("ValidationError", 400, `${arn || "An empty string"} is invalid as a role's ARN`);
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new AwsFault("ValidationError", 400, "RoleSessionName must be 2 to 64 letters, digits or any of +=,.@-");
  }
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw new AwsFault("ValidationError", 400, "ExternalId must be 2 to 1224 letters, digits or any of +=,.@:/-");
  }
}

function readDuration(request: AwsRequest, form: URLSearchParams): number {
  const seconds = Number(form.get("DurationSeconds") ?? DEFAULT_SECONDS);
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw new AwsFault("ValidationError", 400, `DurationSeconds must be ${MIN_SECONDS} to ${MAX_SECONDS}`);
  }
  if (seconds > MAX_CHAINED_SECONDS && request.caller.arn.includes(":assumed-role/")) {
    const message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
    throw new AwsFault("ValidationError", 400, message);
  }
  return seconds;
}
