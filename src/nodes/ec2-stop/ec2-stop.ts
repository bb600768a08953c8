import type { Step } from "../../runs/steps/step.ts";
import type { AwsClients } from "../../services/aws/aws-clients.ts";
import type { AwsAccountNode } from "../aws-account/aws-account.ts";
import { accountOf } from "../shared/account.ts";
import type { Inputs } from "../shared/inputs.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step-node.ts";
import type { StepContext } from "../shared/step-options.ts";
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
  const stays = await whatStaysOn(inputs, step);
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
    onFound: async (states) => {
      const leftOn = states.map(({ instanceId }) => instanceId).filter(stays);
      const going = states.filter(({ instanceId }) => !leftOn.includes(instanceId));
      const instanceIds = going.map(({ instanceId }) => instanceId);
      step.instances.release([...instanceIds, ...leftOn]);
      if (leftOn.length > 0) {
        step.facts.tell({ kind: "instances-released", instanceIds: leftOn });
      }
      step.tellEveryRun({ kind: "instances-stopping", instanceIds });
      // Not waited for: nothing may hold up a stop.
      void step.checkpoint({ instanceIds });
      await timers?.disarm(going);
      return leftOn;
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
  if (ec2.leftOn.length > 0) {
    status.show("done", "leftOn", {
      runs: new Set(ec2.leftOn.flatMap((id) => step.instances.neededByOthers(id))).size,
    });
  } else {
    status.show("done", "stopped");
  }
  send(msg);
  return { ec2 };
}

/** Which instances the form wants left on: for other runs, or as they were found. */
async function whatStaysOn(inputs: Inputs, { instances }: Step): Promise<(instanceId: string) => boolean> {
  const staysForOthers = (await inputs.choice("whenInUse", ["leave", "stop"])) === "leave";
  const staysAsFound = inputs.flag("leaveRunning", false);
  return (id) =>
    (staysForOthers && instances.neededByOthers(id).length > 0) || (staysAsFound && instances.foundRunning(id));
}

async function timersToDisarm(clients: AwsClients, warn: (text: string) => void): Promise<DisarmedTimers> {
  const { DisarmedTimers } = await import("./disarmed-timers.ts");
  return new DisarmedTimers(await clients.ssm(), warn);
}
