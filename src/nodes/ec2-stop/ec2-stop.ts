import type { AwsClients } from "../../services/aws/aws-clients.ts";
import type { AwsAccountNode } from "../aws-account/aws-account.ts";
import { accountOf } from "../shared/account.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { type StepContext, stepNode } from "../shared/step-node.ts";
import { minutes, pollPause } from "../shared/waiting.ts";
import type { DisarmedTimers } from "./disarmed-timers.ts";

export default function ec2Stop(red: NodeAPI): void {
  red.nodes.registerType("lightly-ec2-stop", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, {
      alwaysRuns: true,
      handle: (context) => stop(red, def, context, (text) => this.warn(text)),
    });
  });
}

async function stop(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  warn: (text: string) => void,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const { stopInstances } = await import("../../services/ec2/stop-instances.ts");
  status.show("waiting", "stopping");
  const hibernate = inputs.flag("hibernate", false);
  const timers = hibernate ? await timersToDisarm(clients, warn) : undefined;
  const ec2 = await stopInstances({
    ec2: await clients.ec2(),
    select: await instanceSelector(inputs, def),
    hibernate,
    wait: (await inputs.choice("waitFor", ["stopped", "accepted"])) === "stopped",
    timeoutMs: await minutes(inputs, "timeoutMinutes", 15),
    pollMs: await pollPause(inputs),
    signal,
    onFound: async (instanceIds, states) => {
      step.tellEveryRun({ kind: "instances-stopping", instanceIds });
      // Not waited for: nothing may hold up a stop.
      void step.checkpoint({ instanceIds });
      await timers?.disarm(states);
    },
    onState: (states, note) => {
      step.progress({ state: states.map((instance) => instance.state).join(", "), message: note });
    },
  }).catch(async (error: unknown) => {
    await timers?.putBack();
    throw error;
  });
  step.tellEveryRun({ kind: "instances-stopped", instanceIds: ec2.instanceIds });
  msg.ec2 = ec2;
  msg.payload = ec2.instanceIds;
  status.show("done", "stopped");
  send(msg);
  return { ec2 };
}

async function timersToDisarm(clients: AwsClients, warn: (text: string) => void): Promise<DisarmedTimers> {
  const { DisarmedTimers } = await import("./disarmed-timers.ts");
  return new DisarmedTimers(await clients.ssm(), warn);
}
