import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { readInstanceSelector } from "../shared/instances/read-instance-selector.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import { findUntilLimit } from "./find-until-limit.ts";

interface OpenAccount {
  readonly accountId: string;
  readonly clients: AwsClients;
}

/** The instances that the form selects. */
export interface SelectedInstances {
  readonly instanceIds: readonly string[];
  /** Whether they are the instances of the run. */
  readonly isOfRun: boolean;
  /** Absent if the account can't be used, and the guards of the instances have clients that stop them. */
  readonly account?: OpenAccount | undefined;
}

/**
 * Opens the account, and finds the instances that the form selects.
 *
 * @param limits - times in milliseconds
 * @throws PipelineError the errors of the account and of {@link findUntilLimit}
 */
export async function findSelected(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  limits: { readonly timeoutMs: number; readonly pollMs: number; readonly signal: AbortSignal },
): Promise<SelectedInstances> {
  const { inputs, instances, status } = context;
  const isOfRun = (await inputs.read(fields, "select")).select === "run";
  const select = isOfRun ? { ids: instances.leased() } : await readInstanceSelector(inputs, fields);
  const account = await openAccount(red, def).catch((error: unknown) => {
    if ("ids" in select && instances.canStop(select.ids)) {
      return undefined;
    }
    throw error;
  });
  status.show("waiting", "stopping");
  if ("ids" in select) {
    return { instanceIds: select.ids, isOfRun, account };
  }
  const instanceIds = account ? await findUntilLimit(account.clients, select, limits, context) : [];
  return { instanceIds, isOfRun, account };
}

async function openAccount(red: NodeAPI, def: StepDef): Promise<OpenAccount> {
  const account = accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
  return { accountId: account.id, clients: await account.clients() };
}
