import type { EC2Client } from "@aws-sdk/client-ec2";
import type { InstanceControl, StopAttemptOptions } from "../../../instances/instance-control.ts";
import type { AwsClients } from "../../../services/aws/clients/aws-clients.ts";

/** The options of an instance control. */
export interface ControlOptions {
  /** The id of the account's node. */
  readonly accountId: string;
  /** The account's clients. They work as long as the process runs, even without the node that created them. */
  readonly clients: AwsClients | Promise<AwsClients>;
  readonly pollMs: number;
  readonly warn: (text: string) => void;
}

/** Creates the access of guards to EC2, with the clients of one account. */
export function instanceControl({ accountId, clients, pollMs, warn }: ControlOptions): InstanceControl {
  // Each request of a guard gets the error of an account that can't be used. Without a request, it must not be an unhandled rejection.
  Promise.resolve(clients).catch(() => undefined);
  const ec2 = async (): Promise<EC2Client> => (await clients).ec2();
  return {
    accountId,
    pollMs,
    warn,
    describe: async (instanceId, signal, everyMs) => {
      const { describeInstances } = await import("../../../services/ec2/describe-instances.ts");
      const [state] = await describeInstances(await ec2(), [instanceId], signal, { everyMs });
      if (!state) {
        throw new Error(`EC2 has returned no state of ${instanceId}.`);
      }
      return state;
    },
    stop: async (request) => await stop(await ec2(), request, pollMs),
  };
}

async function stop(ec2: EC2Client, request: StopAttemptOptions, pollMs: number): ReturnType<InstanceControl["stop"]> {
  const { stopInstances } = await import("../../../services/ec2/stop-instances.ts");
  const { instanceId, hibernate, force, timeoutMs, signal, prepare, onAccepted, onState, onCheck } = request;
  const { instances, hibernated } = await stopInstances({
    ec2,
    select: { ids: [instanceId] },
    hibernate,
    force,
    wait: true,
    timeoutMs,
    pollMs,
    signal,
    onFound: async ([state]) => {
      if (state) {
        await prepare(state);
      }
    },
    onAccepted,
    onCheck,
    onState: ([state], note) => {
      if (state) {
        onState(state, note);
      }
    },
  });
  const [instance] = instances;
  if (!instance) {
    throw new Error(`EC2 has returned no state of ${instanceId}.`);
  }
  return { instance, hibernated };
}
