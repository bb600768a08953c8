import type { EventLog } from "../faults/event-log.ts";
import type { Faults } from "../faults/faults.ts";
import { after, type Delays } from "../instances/delays.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { InstanceRecord } from "../instances/instance.ts";
import { type Command, type Invocation, isFinal, type OutputUrls } from "./command.ts";
import type { CommandStore } from "./command-store.ts";
import { sendable, unsendable } from "./rate-controls.ts";
import type { ScriptEnd, ScriptRun } from "./script-run.ts";
import { startScript } from "./start-script.ts";

export interface CommandRunnerOptions {
  readonly fleet: Fleet;
  readonly store: CommandStore;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
  /** The environment of everything that runs on an instance. */
  readonly environment: (record: InstanceRecord) => Record<string, string>;
  /** Saves a script's complete output to the bucket of the command; returns the URLs. */
  readonly saveOutput: (command: Command, instanceId: string, end: ScriptEnd) => Promise<OutputUrls>;
}

/** Number of commands that the agent runs concurrently; others stay `Pending`. */
const COMMANDS_AT_A_TIME = 5;
/** Interval of delivery attempts to an instance that does not accept commands. */
const REDELIVERY_MS = 200;

interface Running {
  readonly script: ScriptRun;
  /** Why it was ended early. */
  cause?: "limit" | "cancel" | "power cut";
}

/** Runs the commands that were sent: delivery, execution, limits and cancellation. */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** Commands whose delivery delay is over. */
  readonly #arrived = new Set<Command>();
  #closed = false;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    options.fleet.on("online", (instanceId) => this.#agentStarted(instanceId));
    options.fleet.on("offline", (instanceId, orderly) => this.#agentGone(instanceId, orderly));
    for (const command of options.store.list()) {
      this.#arrived.add(command);
      for (const invocation of command.invocations.filter((one) => !isFinal(one) && one.sentAt !== undefined)) {
        this.#armLimits(command, invocation);
      }
      this.#sendMore(command);
    }
  }

  /** Sends a validated command. */
  send(command: Command): void {
    this.#options.store.save(command);
    this.#options.events.record("command", {
      commandId: command.commandId,
      document: command.documentName,
      instanceIds: command.invocations.map((invocation) => invocation.instanceId),
      commands: command.parameters.commands,
      ...(command.logGroup !== undefined && { logGroup: command.logGroup }),
    });
    this.#sendMore(command);
    after(this.#options.delays.deliveryMs, () => {
      this.#arrived.add(command);
      for (const { instanceId } of command.invocations) {
        this.#deliver(instanceId);
      }
    });
  }

  /** Whether GetCommandInvocation shows a command: during the first half of the delivery delay it does not. */
  isVisible(command: Command): boolean {
    return Date.now() >= command.requestedAt + this.#options.delays.deliveryMs / 2;
  }

  /** Cancels the invocations that have not ended; like SSM, it reports the result later. */
  cancel(command: Command, instanceIds: readonly string[]): void {
    // The last ones first: otherwise the end of one would send the command to the next one.
    for (const invocation of command.invocations.toReversed()) {
      if (isFinal(invocation) || (instanceIds.length > 0 && !instanceIds.includes(invocation.instanceId))) {
        continue;
      }
      const running = this.#running.get(keyOf(command, invocation));
      if (running === undefined) {
        this.#change(command, invocation, { status: "Cancelled", statusDetails: "Cancelled" });
      } else {
        this.#change(command, invocation, { status: "Cancelling", statusDetails: "Cancelling" });
        running.cause ??= "cancel";
        running.script.kill();
      }
    }
  }

  /** Stops delivery and reports, and kills running scripts. */
  async close(): Promise<void> {
    this.#closed = true;
    const scripts = [...this.#running.values()].map((running) => running.script);
    for (const script of scripts) {
      script.kill();
    }
    await Promise.all(scripts.map((script) => script.ended));
  }

  /** Sends a command to the instances whose turn it is; to no more after too many errors. */
  #sendMore(command: Command): void {
    for (const invocation of unsendable(command)) {
      this.#change(command, invocation, { status: "Failed", statusDetails: "Terminated" });
    }
    for (const invocation of sendable(command).filter((one) => one.status === "Pending" && one.sentAt === undefined)) {
      invocation.sentAt = Date.now();
      this.#armLimits(command, invocation);
      this.#deliver(invocation.instanceId);
    }
  }

  /** Arms the delivery limit of a pending invocation, or the execution limit of one that was running. */
  #armLimits(command: Command, invocation: Invocation): void {
    const { secondMs } = this.#options.delays;
    const delivery = (invocation.sentAt ?? command.requestedAt) + command.deliverySeconds * secondMs;
    if (invocation.status === "Pending") {
      after(delivery - Date.now(), () => {
        if (invocation.status === "Pending") {
          this.#change(command, invocation, { status: "TimedOut", statusDetails: "DeliveryTimedOut" });
        }
      });
    } else {
      const limit = (invocation.startedAt ?? Date.now()) + command.executionSeconds * secondMs;
      after(limit - Date.now(), () => this.#executionLimit(command, invocation));
    }
  }

  #deliver(instanceId: string): void {
    if (this.#closed || this.#options.fleet.onlineSince(instanceId) === undefined) {
      return; // Called again when the agent is online.
    }
    const waiting = this.#waitingFor(instanceId);
    if (this.#options.faults.neverDelivered && waiting.length > 0) {
      after(REDELIVERY_MS, () => this.#deliver(instanceId));
      return;
    }
    const busy = [...this.#running.keys()].filter((key) => key.endsWith(instanceId)).length;
    for (const { command, invocation } of waiting.slice(0, Math.max(0, COMMANDS_AT_A_TIME - busy))) {
      this.#execute(command, invocation);
    }
  }

  /** Oldest first, without commands that are still being delivered. */
  #waitingFor(instanceId: string): Array<{ command: Command; invocation: Invocation }> {
    return this.#options.store
      .list()
      .reverse()
      .filter((command) => this.#arrived.has(command))
      .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
      .filter(({ invocation }) => invocation.instanceId === instanceId)
      .filter(({ invocation }) => invocation.status === "Pending" && invocation.sentAt !== undefined);
  }

  #execute(command: Command, invocation: Invocation): void {
    const record = this.#options.fleet.find(invocation.instanceId);
    if (record === undefined) {
      return;
    }
    let script: ScriptRun;
    try {
      script = startScript(command, this.#options.fleet.folder(record.instanceId), this.#options.environment(record));
    } catch (error) {
      const stderr = `failed to run commands: ${error instanceof Error ? error.message : String(error)}`;
      this.#change(command, invocation, { status: "Failed", statusDetails: "Failed", responseCode: 1, stderr });
      return;
    }
    const running: Running = { script };
    this.#running.set(keyOf(command, invocation), running);
    this.#change(command, invocation, { status: "InProgress", statusDetails: "InProgress", startedAt: Date.now() });
    this.#armLimits(command, invocation);
    void script.ended.then((end) => this.#report(command, invocation, running, end));
  }

  /** Records the report of the agent about a script that has ended. */
  async #report(command: Command, invocation: Invocation, running: Running, end: ScriptEnd): Promise<void> {
    this.#running.delete(keyOf(command, invocation));
    if (this.#closed || running.cause === "power cut" || isFinal(invocation)) {
      return;
    }
    const urls = await this.#options.saveOutput(command, invocation.instanceId, end).catch((error: unknown) => {
      // As on EC2, where the role of the instance may lack the permission: the command's result does not depend on it.
      this.#options.events.record("output", { commandId: command.commandId, lost: String(error) });
      return { stdoutUrl: "", stderrUrl: "" };
    });
    const responseCode = running.cause === undefined ? end.exitCode : 137;
    const seen = { stdout: end.stdout, stderr: end.stderr, ...urls, responseCode };
    if (running.cause === "limit") {
      this.#change(command, invocation, { ...seen, status: "TimedOut", statusDetails: "ExecutionTimedOut" });
    } else if (running.cause === "cancel") {
      this.#change(command, invocation, { ...seen, status: "Cancelled", statusDetails: "Cancelled" });
    } else {
      const status = end.exitCode === 0 ? "Success" : "Failed";
      this.#change(command, invocation, { ...seen, status, statusDetails: status });
    }
    this.#deliver(invocation.instanceId);
  }

  #executionLimit(command: Command, invocation: Invocation): void {
    if (isFinal(invocation) || this.#closed) {
      return;
    }
    const running = this.#running.get(keyOf(command, invocation));
    if (running === undefined) {
      // Its agent ended without a report: the service sets the state only now.
      this.#change(command, invocation, { status: "TimedOut", statusDetails: "ExecutionTimedOut" });
    } else {
      running.cause ??= "limit";
      running.script.kill();
    }
  }

  /** An agent that starts reports unfinished commands as failed, and accepts pending ones. */
  #agentStarted(instanceId: string): void {
    for (const command of this.#options.store.list()) {
      for (const invocation of command.invocations) {
        const unfinished = invocation.status === "InProgress" || invocation.status === "Cancelling";
        if (invocation.instanceId === instanceId && unfinished && !this.#running.has(keyOf(command, invocation))) {
          this.#change(command, invocation, { status: "Failed", statusDetails: "Failed", responseCode: 1 });
        }
      }
    }
    this.#deliver(instanceId);
  }

  #agentGone(instanceId: string, orderly: boolean): void {
    if (!orderly) {
      for (const [key, running] of this.#running) {
        if (key.endsWith(instanceId)) {
          running.cause = "power cut";
        }
      }
    }
  }

  #change(command: Command, invocation: Invocation, change: Partial<Invocation>): void {
    if (this.#closed) {
      return;
    }
    Object.assign(invocation, change);
    if (isFinal(invocation)) {
      invocation.endedAt = Date.now();
    }
    this.#options.store.save(command);
    this.#options.events.record("invocation", {
      commandId: command.commandId,
      instanceId: invocation.instanceId,
      status: invocation.statusDetails,
      ...(isFinal(invocation) ? { exitCode: invocation.responseCode } : {}),
    });
    if (isFinal(invocation)) {
      this.#sendMore(command);
    }
  }
}

function keyOf(command: Command, invocation: Invocation): string {
  return `${command.commandId} ${invocation.instanceId}`;
}
