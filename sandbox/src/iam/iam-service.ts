import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsService } from "../aws/aws-service.ts";
import { queryProtocol } from "../aws/query-protocol.ts";
import { matchesOperation } from "../faults/fault-rule.ts";
import type { Faults } from "../faults/faults.ts";
import { group, text } from "../s3/s3-xml.ts";
import { type IamRole, listRoles, SANDBOX_ROLES } from "./list-roles.ts";

const protocol = queryProtocol("https://iam.amazonaws.com/doc/2010-05-08/");

export interface IamServiceOptions {
  readonly faults: Faults;
  /** Default: {@link SANDBOX_ROLES}. */
  readonly roles?: readonly IamRole[];
}

type Action = (form: URLSearchParams, options: IamServiceOptions) => string;

const ACTIONS: Readonly<Record<string, Action>> = {
  ListRoles: (form, { roles = SANDBOX_ROLES }) => listRoles(form, roles),
  SimulatePrincipalPolicy: (form, { faults }) => simulate(form, faults),
};

/** The names of all operations. */
export const IAM_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/**
 * ListRoles and SimulatePrincipalPolicy. The sandbox has no policies: it allows everything that no fault denies, and says so here too. An action counts as
 * denied while a fault answers its operation with status 403, or with a code of a denial.
 */
export function createIamService(options: IamServiceOptions): AwsService {
  return {
    name: "iam",
    async handle(request) {
      const form = new URLSearchParams((await request.body()).toString("utf8"));
      const action = form.get("Action") ?? "";
      const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
      if (run === undefined) {
        throw new AwsFault("InvalidAction", 400, `Could not find operation ${action} for version 2010-05-08`);
      }
      protocol.send(request, action, run(form, options));
    },
    refuse: protocol.refuse,
  };
}

function simulate(form: URLSearchParams, faults: Faults): string {
  const source = form.get("PolicySourceArn") ?? "";
  if (!/^arn:aws:iam::\d{12}:(?:user|role|group)\/./.test(source)) {
    const message = `Invalid Entity Arn: ${source} does not clearly define entity type and name.`;
    throw new AwsFault("InvalidInput", 400, message);
  }
  const actions = members(form, "ActionNames");
  if (actions.length === 0 || actions.some((action) => !/^[a-z0-9-]+:\w+$/i.test(action))) {
    throw new AwsFault("InvalidInput", 400, "ActionNames must be names of actions, such as s3:PutObject.");
  }
  const named = members(form, "ResourceArns");
  const resources = named.length === 0 ? ["*"] : named;
  const results = actions.flatMap((action) => resources.map((resource) => result(action, resource, faults)));
  return text("IsTruncated", "false") + group("EvaluationResults", ...results);
}

function result(action: string, resource: string, faults: Faults): string {
  return group(
    "member",
    text("EvalActionName", action),
    text("EvalResourceName", resource),
    text("EvalDecision", isDenied(action, faults) ? "implicitDeny" : "allowed"),
    group("MatchedStatements"),
    group("MissingContextValues"),
  );
}

/** `ActionNames.member.1`, `.2` and so on. */
function members(form: URLSearchParams, name: string): string[] {
  return [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);
}

function isDenied(action: string, faults: Faults): boolean {
  const [service = "", operation = ""] = action.split(":");
  return faults
    .list()
    .some(
      (rule) =>
        rule.kind === "status" &&
        rule.service === service &&
        matchesOperation(rule.operation, operation) &&
        (rule.status === 403 || /^(?:AccessDenied|Unauthorized)/.test(rule.code ?? "")),
    );
}
