import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { AwsCredentials, AwsService } from "./aws/aws-service.ts";
import { createEc2Service } from "./ec2/ec2-service.ts";
import { createControlApi } from "./faults/control-api.ts";
import type { EventLog } from "./faults/event-log.ts";
import type { Faults } from "./faults/faults.ts";
import { WorkerLifetimes } from "./faults/worker-lifetime.ts";
import type { Delays } from "./instances/delays.ts";
import { Fleet } from "./instances/fleet.ts";
import { type InstanceRecord, READY_MADE_INSTANCE_ID, readyMadeInstance } from "./instances/instance.ts";
import { forgetSafeFolder, prepareDisk, type WorkerIdentity } from "./instances/instance-disk.ts";
import { openInstanceStore } from "./instances/instance-store.ts";
import { MARKER_VARIABLE } from "./instances/processes.ts";
import { roleFile, writeRoleFile } from "./instances/role-file.ts";
import type { Command, OutputUrls } from "./ssm/command.ts";
import { CommandRunner } from "./ssm/command-runner.ts";
import { openCommandStore } from "./ssm/command-store.ts";
import type { ScriptEnd } from "./ssm/script-run.ts";
import { createSsmService } from "./ssm/ssm-service.ts";

/** The storage for a script's output when the command has a bucket. */
export interface OutputStorage {
  list(bucket: string, prefix: string): Promise<readonly unknown[]>;
  write(bucket: string, key: string, data: Readable): Promise<void>;
}

export interface ComputeOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
  /** The worker of the ready-made `run.sh`, which is the same on every instance. */
  readonly worker: WorkerIdentity;
  readonly storage: OutputStorage;
  /** The AWS endpoint; called when needed, since its port is known only once it listens. */
  readonly endpoint: () => string;
  /** Additional variables of every process on an instance. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** The sandbox's own key pair, from which the credentials of the instances' role are derived. */
  readonly credentials: AwsCredentials;
}

/** The instances of a sandbox with their EC2 and SSM services. */
export interface Compute {
  readonly fleet: Fleet;
  readonly services: readonly AwsService[];
  /** Answers `/_sandbox/...`. */
  readonly control: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  /** The environment of everything that runs on an instance. */
  readonly environmentOf: (instanceId: string) => Record<string, string>;
  /** Ends every process on the instances. */
  close(): Promise<void>;
}

/** Loads the instances; creates the ready-made one if it is missing. */
export async function createCompute(options: ComputeOptions): Promise<Compute> {
  const { delays, faults, events, region } = options;
  const fleet = new Fleet({
    store: openInstanceStore(join(options.stateDir, "instances")),
    delays,
    faults,
    events,
    prepareDisk({ instanceId }, folder) {
      prepareDisk(folder, options.worker);
      writeRoleFile(folder, options.credentials, instanceId);
    },
  });
  await fleet.open();
  if (fleet.find(READY_MADE_INSTANCE_ID) === undefined) {
    fleet.add(readyMadeInstance(new Date()));
  }
  const lifetimes = new WorkerLifetimes(events);
  const store = openCommandStore(join(options.stateDir, "commands"));
  const runner = new CommandRunner({
    fleet,
    store,
    delays,
    faults,
    events,
    environment: (record) => instanceEnvironment(options, fleet, record),
    saveOutput: (command, instanceId, end) => saveOutput(options, command, instanceId, end),
  });
  const bucketExists = (bucket: string): Promise<boolean> =>
    // No object has this prefix: it fails only when the bucket does not exist.
    options.storage.list(bucket, "\u{10ffff}").then(
      () => true,
      () => false,
    );
  return {
    fleet,
    services: [createEc2Service({ fleet, faults, region }), createSsmService({ fleet, store, runner, bucketExists })],
    control: createControlApi({ fleet, faults, events, lifetimes, minuteMs: delays.secondMs * 60 }),
    environmentOf(instanceId) {
      const record = fleet.find(instanceId);
      return record === undefined ? {} : instanceEnvironment(options, fleet, record);
    },
    async close() {
      await runner.close();
      await fleet.close();
      lifetimes.close();
      for (const { instanceId } of fleet.list()) {
        forgetSafeFolder(fleet.folder(instanceId));
      }
    },
  };
}

/** The environment of the agent and of every script: few variables, and none of the user's own. */
function instanceEnvironment(options: ComputeOptions, fleet: Fleet, record: InstanceRecord): Record<string, string> {
  const folder = fleet.folder(record.instanceId);
  const { PATH = "/usr/local/bin:/usr/bin:/bin", TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return {
    ...options.environment(),
    PATH: `${join(folder, "usr/local/bin")}:${PATH}`,
    HOME: join(folder, "home/ubuntu"),
    LANG: "C.UTF-8",
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    // The shims and the worker are TypeScript: the cache halves their start time. Sandboxes of one process share its cache, if it has one.
    NODE_COMPILE_CACHE: NODE_COMPILE_CACHE || join(options.stateDir, "node-cache"),
    AWS_REGION: options.region,
    AWS_SHARED_CREDENTIALS_FILE: roleFile(folder),
    AWS_SSM_INSTANCE_ID: record.instanceId,
    AWS_SSM_REGION_NAME: options.region,
    SANDBOX_INSTANCE_ID: record.instanceId,
    SANDBOX_INSTANCE_DIR: folder,
    SANDBOX_CONTROL_URL: `${options.endpoint()}/_sandbox`,
    [MARKER_VARIABLE]: fleet.mark(record.instanceId),
  };
}

/** Writes both streams to `prefix/COMMAND/INSTANCE/awsrunShellScript/0.awsrunShellScript/stdout|stderr`, if not empty. */
async function saveOutput(
  options: ComputeOptions,
  command: Command,
  instanceId: string,
  end: ScriptEnd,
): Promise<OutputUrls> {
  const { outputBucket: bucket, outputPrefix, commandId } = command;
  if (bucket === "") {
    return { stdoutUrl: "", stderrUrl: "" };
  }
  const prefix = outputPrefix === "" ? "" : `${outputPrefix.replace(/\/+$/, "")}/`;
  const folder = `${prefix}${commandId}/${instanceId}/awsrunShellScript/0.awsrunShellScript`;
  const save = async (name: string, file: string, text: string): Promise<void> => {
    if (text !== "") {
      await options.storage.write(bucket, `${folder}/${name}`, createReadStream(file));
    }
  };
  await save("stdout", end.stdoutFile, end.stdout);
  await save("stderr", end.stderrFile, end.stderr);
  const url = (name: string): string => `${options.endpoint()}/${bucket}/${folder}/${name}`;
  return { stdoutUrl: url("stdout"), stderrUrl: url("stderr") };
}
