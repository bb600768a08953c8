import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { readAgents } from "../../services/ssm/agents.ts";
import { type InstanceFacts, readInstanceFacts } from "../../services/ssm/read-instance-facts.ts";
import { STUDIO_VERSION } from "../../services/studio/studio-command.ts";
import {
  type CheckName,
  type Finding,
  failure,
  notPermitted,
  ok,
  problem,
  type Result,
  unchecked,
  warning,
} from "../finding.ts";
import type { OnInstance } from "../plan/plan.ts";
import type { FoundInstance } from "./instances.ts";

/** Videos and frames of a run, and the image of the worker, need more. */
const LOW_DISK_BYTES = 10 * 2 ** 30;

/** Checks the SSM agent and, with one read-only command, what the flow needs on an instance. */
export async function checkOnInstance(
  clients: AwsClients,
  { instanceId: name, state }: FoundInstance,
  wanted: OnInstance,
  signal: AbortSignal,
): Promise<Finding[]> {
  const others = [...wantedChecks(wanted)];
  const all = (why: string): Finding[] => others.map((check) => ({ check, ...unchecked(name, why) }));
  if (state !== "running") {
    // One finding for all of them: that is the usual state.
    const what = ["agent", ...others].join(", ");
    const why = `the instance is ${state} (${what}). Start it, and check again: the check starts no instance.`;
    return [{ check: "agent", ...unchecked(name, why) }];
  }
  const ssm = await clients.ssm();
  try {
    const agent = (await readAgents(ssm, [name], signal)).get(name);
    if (agent?.pingStatus !== "Online") {
      const text = `The SSM agent is not online${agent === undefined ? ": it has never registered" : ` (${agent.pingStatus})`}. Attach an instance profile with AmazonSSMManagedInstanceCore, and let the instance reach the endpoints of Systems Manager.`;
      return [{ check: "agent", ...problem(name, text) }, ...all("the SSM agent is not online.")];
    }
  } catch (error) {
    return [
      { check: "agent", ...notPermitted(name, error, "ssm:DescribeInstanceInformation") },
      ...all("the state of the SSM agent is unknown."),
    ];
  }
  const online: Finding = { check: "agent", ...ok(name, "The SSM agent is online.") };
  if (wantedChecks(wanted).size === 0) {
    return [online];
  }
  try {
    const facts = await readInstanceFacts({ ssm, instanceId: name, wanted, signal });
    return [online, ...findingsOf(facts, wanted, name)];
  } catch (error) {
    return [
      online,
      { check: "permissions", ...failure(name, error) },
      ...all("the command that looks for it has failed."),
    ];
  }
}

function wantedChecks({ scripts, pythons, docker, gpu }: OnInstance): Set<CheckName> {
  return new Set<CheckName>([
    ...(scripts.length > 0 ? ["script" as const] : []),
    ...(docker !== "none" ? ["docker" as const] : []),
    ...(gpu ? ["gpu" as const] : []),
    ...(scripts.length > 0 || pythons.length > 0 || docker !== "none" ? ["disk" as const] : []),
    ...(pythons.length > 0 ? ["studio" as const] : []),
  ]);
}

function findingsOf(facts: InstanceFacts, wanted: OnInstance, name: string): Finding[] {
  const checks = wantedChecks(wanted);
  return [
    ...wanted.scripts.map((path): Finding => ({ check: "script", ...script(path, facts, name) })),
    ...(checks.has("docker") ? [{ check: "docker" as const, ...docker(facts, wanted, name) }] : []),
    ...(checks.has("gpu") ? [{ check: "gpu" as const, ...gpu(facts, name) }] : []),
    ...(checks.has("disk") ? [{ check: "disk" as const, ...disk(facts, name) }] : []),
    ...wanted.pythons.map((path): Finding => ({ check: "studio", ...studio(path, facts, name) })),
  ];
}

function script(path: string, { scripts }: InstanceFacts, name: string): Result {
  switch (scripts[path]) {
    case "ok":
      return ok(name, `The script ${path} exists.`);
    case "missing":
      return problem(name, `There is no script ${path}. Copy it to the instance, or correct the path in run script.`);
    case "empty":
      return problem(name, `The script ${path} is empty. Copy it to the instance again.`);
    case "windows":
      return problem(name, `The script ${path} has Windows line endings. Convert it: sed -i 's/\\r$//' ${path}`);
    default:
      return unchecked(name, `the command has not reported the script ${path}.`);
  }
}

/** A script of one's own may start the worker in another way. */
function docker({ docker: found }: InstanceFacts, wanted: OnInstance, name: string): Result {
  const bad = wanted.docker === "worker" ? problem : warning;
  switch (found) {
    case undefined:
      return unchecked(name, "the command has not reported docker.");
    case "missing":
      return bad(name, "Docker is not installed. Install it, or use an image of AWS with Docker (Deep Learning AMI).");
    case "stopped":
      return bad(name, "The docker daemon does not respond. Start it: systemctl enable --now docker");
    default:
      return ok(name, `Docker ${found}.`);
  }
}

function gpu({ gpu: found }: InstanceFacts, name: string): Result {
  switch (found) {
    case undefined:
      return unchecked(name, "the command has not reported the GPU.");
    case "missing":
      return warning(
        name,
        "There is no nvidia-smi, so no driver for an NVIDIA GPU. Use a GPU instance type and a Deep Learning AMI, or run the worker without a GPU.",
      );
    case "failed":
      return warning(
        name,
        "nvidia-smi finds no GPU. Check the instance type; after an update of the driver, restart the instance.",
      );
    default:
      return ok(name, `GPU: ${found}.`);
  }
}

function disk({ freeBytes }: InstanceFacts, name: string): Result {
  if (freeBytes === undefined) {
    return unchecked(name, "the command has not reported the free space.");
  }
  const text = `${(freeBytes / 2 ** 30).toFixed(1)} GiB are free on the root volume.`;
  return freeBytes < LOW_DISK_BYTES
    ? warning(name, `${text} Remove old images with docker system prune, or enlarge the volume.`)
    : ok(name, text);
}

function studio(path: string, { pythons }: InstanceFacts, name: string): Result {
  const found = pythons[path];
  switch (found) {
    case undefined:
      return unchecked(name, `the command has not reported ${path}.`);
    case "missing":
      return warning(
        name,
        `There is no ${path}. Install LightlyStudio ${STUDIO_VERSION} there, or let studio select install it.`,
      );
    case "without":
      return problem(
        name,
        `${path} has no LightlyStudio. Install it: ${path} -m pip install 'lightly-studio[cloud-storage]==${STUDIO_VERSION}'`,
      );
    case STUDIO_VERSION:
      return ok(name, `LightlyStudio ${found} in ${path}.`);
    default:
      return problem(
        name,
        `${path} has LightlyStudio ${found}, but studio select needs ${STUDIO_VERSION}. Install that version.`,
      );
  }
}
