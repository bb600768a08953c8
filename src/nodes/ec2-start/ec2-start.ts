import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { AwsAccountNode } from "../aws-account/aws-account.ts";
import { accountOf } from "../shared/account.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { present } from "../shared/present.ts";
import { type StepContext, stepNode } from "../shared/step-node.ts";
import { minutes, pollPause } from "../shared/waiting.ts";
import type { DeadMansSwitchOptions } from "./dead-mans-switch.ts";

export default function ec2Start(red: NodeAPI): void {
  red.nodes.registerType("lightly-ec2-start", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const closed = new AbortController();
    // The timers on the instances stay armed: nobody may be there any more to stop them.
    this.on("close", () => closed.abort());
    const keepAlive: KeepAlive = { signal: closed.signal, warn: (text) => this.warn(text) };
    stepNode(red, this, def, { handle: (context) => start(red, def, context, keepAlive) });
  });
}

type KeepAlive = Pick<DeadMansSwitchOptions, "signal" | "warn">;

async function start(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  keepAlive: KeepAlive,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const waitsForAgent = (await inputs.choice("waitFor", ["online", "running"])) === "online";
  const { startInstances } = await import("../../services/ec2/start-instances.ts");
  const deadMansMinutes = await inputs.number("deadMansMinutes", { fallback: 30, min: 0, max: 10_080 });
  const ec2Client = await clients.ec2();
  const ssm = waitsForAgent ? await clients.ssm() : undefined;
  status.show("waiting", "starting");
  const ec2 = await startInstances({
    ec2: ec2Client,
    ...present({ ssm }),
    select: await instanceSelector(inputs, def),
    timeoutMs: await minutes(inputs, "timeoutMinutes", 15),
    capacityTimeoutMs: await minutes(inputs, "capacityMinutes", 15),
    pollMs: await pollPause(inputs),
    signal,
    onFound: (instanceIds) => step.checkpoint({ instanceIds }),
    onState: (states, note) => report(context, states, note),
  });
  if (ssm && deadMansMinutes > 0) {
    const { DeadMansSwitch } = await import("./dead-mans-switch.ts");
    const { instanceIds } = ec2;
    await new DeadMansSwitch({ ec2: ec2Client, ssm, step, instanceIds, minutes: deadMansMinutes, ...keepAlive }).arm();
    signal.throwIfAborted();
  }
  msg.ec2 = ec2;
  msg.payload = ec2.instanceIds;
  status.show("done", waitsForAgent ? "online" : "running");
  send(msg);
  return { ec2 };
}

function report({ step, status }: StepContext, states: readonly InstanceState[], note: string): void {
  step.progress({ state: states.map(({ state }) => state).join(", "), message: note });
  status.show("waiting", statusKey(states, note));
}

function statusKey(states: readonly InstanceState[], note: string): string {
  if (states.every(({ state }) => state === "running")) {
    return note === "online" ? "online" : "connecting";
  }
  return note.includes("capacity") ? "capacity" : "starting";
}
