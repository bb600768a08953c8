import type { PipelineError } from "../../../errors/pipeline-error.ts";
import { isMarkedStopped } from "../../../records/left-running.ts";
import type { StepProgress } from "../../../records/progress.ts";
import type { RecordedError, StepRecord } from "../../../records/run-record.ts";
import type { UploadsLeft } from "../../../records/uploads-left.ts";
import type { RunInstances } from "../../../runs/instances/run-instances.ts";
import type { RunEvents } from "../../../runs/run-events.ts";
import type { Step } from "../../../runs/steps/step.ts";
import { nodesAfterCatch, nodesAfterOutput } from "../flow/flow-graph.ts";
import { Inputs } from "../inputs/inputs.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../node-red.ts";
import { onOutput, recordSend } from "./messages/record-send.ts";
import { SequenceSender } from "./messages/sequence-sender.ts";
import { StepStatus } from "./step-status.ts";

/** The options of a context. */
export interface StepContextOptions {
  readonly red: NodeAPI;
  readonly node: Node;
  readonly def: StepDef;
  readonly msg: Message;
  readonly send: Send;
  readonly step: Step;
}

/**
 * Everything that the handler of a step needs for one message. A handler may be interrupted at any time: its flow is redeployed, Node-RED
 * is restarted or killed, another step of the run fails, the user aborts the run. It is then called again with the same message, possibly
 * in another process, and continues from its checkpoint:
 *
 * ```ts
 * async function runJob(context: StepContext) {
 *   const { msg, inputs, signal } = context;
 *   let jobId = idOf(context.checkpoint, "jobId");
 *   if (jobId === undefined) {
 *     const { job } = await inputs.read(fields, "job");
 *     const requestId = idOf(context.checkpoint, "requestId") ?? randomUUID();
 *     await context.saveIntent({ requestId }); //            on disk before the job exists, so that it is never created twice
 *     jobId = await createJob({ name: job, requestId, signal });
 *     await context.saveCheckpoint({ jobId });
 *   }
 *   msg.job = await waitForJob({ jobId, signal, onState: (state) => context.progress({ state }) });
 *   context.status.show("done", "done");
 *   context.send(msg); //                                  once, however often the handler is called
 *   return { job: msg.job }; //                            for the run's record
 * }
 * ```
 *
 * - `signal` aborts when the handler must stop. Pass it to everything that waits.
 * - `saveIntent` stores ids before remote work starts, `saveCheckpoint` stores ids of work that has started. An id must not have a name that
 *   looks like a secret, such as `token`, because the journal masks it.
 * - An error that the handler throws reaches Catch once. The caller handles retries, the record and the status.
 * - `events` connect the steps of a run; `instances` are the run's leases of EC2 instances.
 */
export class StepContext {
  readonly msg: Message;
  readonly inputs: Inputs;
  readonly status: StepStatus;
  /** Aborts when the handler must stop: its node closes, another step has failed, the user aborts. */
  readonly signal: AbortSignal;
  readonly #options: StepContextOptions;
  #failure: PipelineError | undefined;

  constructor(options: StepContextOptions) {
    const { red, node, def, msg, step } = options;
    this.#options = options;
    this.msg = msg;
    this.inputs = new Inputs(red, node, def, msg, { toleratesInvalid: step.alwaysRuns });
    this.status = new StepStatus(red, node);
    this.signal = step.signal;
  }

  get runId(): string {
    return this.#step.runId;
  }

  get stepId(): string {
    return this.#record.stepId;
  }

  get nodeId(): string {
    return this.#record.nodeId;
  }

  /** The name of the node in messages. */
  get name(): string {
    return this.#record.name;
  }

  /** When the step first started, in milliseconds since 1970. */
  get startedAt(): number {
    return this.#record.startedAt;
  }

  /** How long the step has been running, including previous processes, in milliseconds. */
  get elapsedMs(): number {
    return this.#step.elapsedMs;
  }

  /** The number of the attempt, from 1. */
  get attempt(): number {
    return this.#record.attempt ?? 1;
  }

  /** Whether the signal aborts because the flow was stopped or redeployed: remote work continues, and so will the step. */
  get isClosed(): boolean {
    return this.#step.isClosed;
  }

  /** The first failure of the run so far, or why it was aborted. */
  get runError(): RecordedError | undefined {
    return this.#step.runError;
  }

  /** The saved ids of remote work that an earlier call of the handler has started. Empty for the first call. */
  get checkpoint(): Readonly<Record<string, unknown>> {
    return this.#step.checkpoint;
  }

  /** Stores ids before the remote work starts. See {@link Step.saveIntent}. @throws PipelineError `JOURNAL_WRITE_FAILED`, `ABORTED` */
  async saveIntent(ids: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#step.saveIntent(ids);
  }

  /** Stores ids of remote work that has started. An undefined id is removed. See {@link Step.saveCheckpoint}. */
  async saveCheckpoint(ids: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#step.saveCheckpoint(ids);
  }

  /** The run's leases of EC2 instances, and the guards that stop them. */
  get instances(): RunInstances {
    return this.#step.instances;
  }

  /** Whether an instance that this step has started has stopped since, according to EC2. */
  hasStopped(instanceId: string): boolean {
    return isMarkedStopped(this.#step.record, instanceId);
  }

  /** The events that the steps of the run emit for each other. */
  get events(): RunEvents {
    return this.#step.events;
  }

  /** Ends the step as skipped if a parallel branch has ended the run's use of these instances. @throws PipelineError `ABORTED` */
  throwIfSkipped(instanceIds: readonly string[]): void {
    this.#step.instances.throwIfSkipped(this.#step, instanceIds);
  }

  /** Resolves when all earlier runs have passed this node. See {@link Step.waitForEarlierRuns}. */
  async waitForEarlierRuns(isPassed: (step: StepRecord) => boolean, onQueued: () => void): Promise<void> {
    await this.#step.waitForEarlierRuns(isPassed, onQueued);
  }

  /** Resolves when the other steps of the run have got as far as `isReady` says. See {@link Step.waitForSteps}. */
  async waitForSteps(isReady: (steps: readonly StepRecord[]) => boolean, onWaiting = (): void => {}): Promise<void> {
    await this.#step.waitForSteps(isReady, onWaiting);
  }

  /** What is left of the uploads of the run that come before this step's instances are used. */
  get uploads(): UploadsLeft {
    return this.#step.uploads;
  }

  /** Sends a message. Each output takes one message of a step, however often the handler is called. */
  readonly send = (message: Message, output = 0): void => {
    const { red, node, send, step } = this.#options;
    if (recordSend(red, step, output, message, nodesAfterOutput(node, output))) {
      send(onOutput(message, output));
    }
  };

  /** Sends a message that may be lost, such as progress. */
  readonly notify = (message: Message, output: number): void => {
    this.#options.send(onOutput(message, output));
  };

  /** Records that the error of the step is sent to Catch. */
  recordSendToCatch(): void {
    const { red, node, step } = this.#options;
    recordSend(red, step, "error", this.msg, nodesAfterCatch(red, node));
  }

  /** The messages that the step sends, if there is one for each item of a list, such as a video. */
  get sequence(): SequenceSender {
    return new SequenceSender(this.#options);
  }

  /** Adds a line to the step's log when the state or the message has changed, and shows the progress in the record. */
  progress(progress: StepProgress): void {
    this.#step.progress(progress);
  }

  /**
   * Records that a phase of the work has begun. It ends with the next phase, or with the step. Call it as often as the phase is seen.
   *
   * @param startedAt - in milliseconds since 1970, if it was seen later; default: now
   */
  phase(name: string, startedAt?: number): void {
    this.#step.phase(name, startedAt);
  }

  /** Adds lines to the step's log, such as the output of a script. */
  log(...lines: string[]): void {
    this.#step.log(lines);
  }

  /** Warns the user about something that is not a failure of the step, in the debug sidebar and in the step's log. */
  readonly warn = (text: string): void => {
    this.#options.node.warn(text);
    this.#step.log([text], "warning");
  };

  /** Fails the step, and with it the run, although the handler has sent its result: the flow continues, and Catch is not informed. */
  failAfterSending(error: PipelineError): void {
    this.#failure = error;
  }

  /** The error of {@link failAfterSending}. */
  get failure(): PipelineError | undefined {
    return this.#failure;
  }

  /**
   * Ends the step as aborted although the handler has sent the result of the aborted work. Send first: a run without an active step and
   * without a pending message is over, and the guards stop its instances.
   */
  endAborted(): void {
    this.#step.drop();
  }

  get #step(): Step {
    return this.#options.step;
  }

  get #record(): StepRecord {
    return this.#options.step.record;
  }
}
