import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import { GUARD_POLL_MS } from "./lend-accounts.ts";
import type { StepTimers } from "./step-timers.ts";

interface ReattachOptions {
  readonly account: () => AwsAccountNode;
  readonly timers: StepTimers;
  readonly warn: (text: string) => void;
}

/** After a restart or a deploy of the node, the guards and timers of an active run need new clients. */
export async function reattach(context: StepContext, { account, timers, warn }: ReattachOptions): Promise<void> {
  const { inputs } = context;
  const left = (idsOf(context.checkpoint, "instanceIds") ?? []).filter(
    (id) => context.instances.isNeeded(id) && !context.hasStopped(id),
  );
  if (left.length === 0) {
    return;
  }
  const { id: accountId } = account();
  const { waitFor, autoStopMinutes, ...chosen } = await inputs.read(
    fields,
    "pollSeconds",
    "waitFor",
    "autoStopMinutes",
  );
  const pollMs = chosen.pollMs ?? GUARD_POLL_MS;
  context.instances.useControl(left, instanceControl({ accountId, clients: account().clients(), pollMs, warn }));
  context.instances.expectRunning(left, true);
  if (waitFor === "online") {
    await timers.arm(context, left, autoStopMinutes);
  }
}
