import type { EC2Client } from "@aws-sdk/client-ec2";
import type { InstanceControl, StopTry } from "../../runs/instances/instance-control.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";

/** What an {@link InstanceControl} is made of. */
export interface ControlOptions {
  /** The id of the account's node. */
  readonly accountId: string;
  /** The account's clients; they work for as long as the process lives, also without the node that has lent them. */
  readonly clients: AwsClients | Promise<AwsClients>;
  readonly pollMs: number;
  readonly warn: (text: string) => void;
}

/** What the guards of instances do with EC2, by the clients of one account. */
export function instanceControl({ accountId, clients, pollMs, warn }: ControlOptions): InstanceControl {
  // An account that can't be used says so to each guard that asks; until then it is no unhandled rejection.
  Promise.resolve(clients).catch(() => undefined);
  const ec2 = async (): Promise<EC2Client> => (await clients).ec2();
  return {
    accountId,
    pollMs,
    warn,
    look: async (instanceId, signal) => {
      const { describeInstances } = await import("../../services/ec2/describe-instances.ts");
      const [state] = await describeInstances(await ec2(), [instanceId], signal);
      if (!state) {
        throw new Error(`EC2 says nothing about ${instanceId}.`);
      }
      return state;
    },
    stop: async (request) => await stop(await ec2(), request, pollMs),
  };
}

async function stop(ec2: EC2Client, request: StopTry, pollMs: number): ReturnType<InstanceControl["stop"]> {
  const { stopInstances } = await import("../../services/ec2/stop-instances.ts");
  const { instanceId, hibernate, force, timeoutMs, signal, prepare, onAccepted, onState, onLook } = request;
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
    onCheck: onLook,
    onState: ([state], note) => {
      if (state) {
        onState(state, note);
      }
    },
  });
  const [instance] = instances;
  if (!instance) {
    throw new Error(`EC2 says nothing about ${instanceId}.`);
  }
  return { instance, hibernated };
}
