import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { isAccountUnset } from "../../errors/unset-account.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/**
 * Finds the instances to stop. Retries until the time limit, because no other step may be able to stop them.
 *
 * @returns their ids
 * @throws PipelineError `EC2_INSTANCE_NOT_FOUND` or `EC2_INSTANCE_INVALID` immediately, and the error of an account without credentials or
 *   region if no run has leased an instance; the last refusal or `TIMED_OUT` at the limit
 */
export async function findUntilLimit(
  clients: AwsClients,
  select: InstanceSelector,
  { timeoutMs, pollMs, signal }: { readonly timeoutMs: number; readonly pollMs: number; readonly signal: AbortSignal },
  context: StepContext,
): Promise<string[]> {
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  let refusal: PipelineError | undefined;
  try {
    return await pollUntil<string[]>({
      goal: "EC2 to describe the instances to stop",
      delay: alignedDelay(pollMs),
      timeoutMs,
      signal,
      check: async (looking) => {
        try {
          const found = await findInstances(await clients.ec2(), select, looking);
          return { done: found.map(({ instanceId }) => instanceId) };
        } catch (error) {
          refusal = toPipelineError(error);
          const isPointless = isAccountUnset(refusal) && !context.instances.isAnyLeased();
          if (refusal.isAbort || isPointless || /^EC2_INSTANCE_(NOT_FOUND|INVALID)$/.test(refusal.code)) {
            throw refusal;
          }
          context.progress({ state: "retrying", message: refusal.message });
          context.status.showText("waiting", refusal.code);
          return { wait: `unknown (${refusal.message})` };
        }
      },
    });
  } catch (error) {
    throw error instanceof PipelineError && error.code === "TIMED_OUT" ? (refusal ?? error) : error;
  }
}
