import type { InstanceControl, StoppedInstance } from "../../instances/instance-control.ts";
import type { Leaseholder, LeaseOptions } from "../../instances/leases.ts";
import type { PoolRequest } from "../../instances/pool-queue.ts";
import type { StopOrder } from "../../instances/stop-orders.ts";
import { completedStops, leasedInstances, wasFoundRunning } from "../../records/left-running.ts";
import { isOpen, type StepRecord, type StepRole, stringsOf } from "../../records/run-record.ts";
import { hasNoCommand, hasReleased, reasonToSkip } from "../../records/skip-rules.ts";
import type { Run } from "../run.ts";
import type { Step } from "../steps/step.ts";
import { leadTo } from "../steps/steps-ahead.ts";
import type { AllInstances } from "./all-instances.ts";

/** The instances of one run: its leases, and the guards that watch and stop them. */
export class RunInstances {
  readonly #run: Run;
  readonly #all: AllInstances;
  /** The nodes whose step has requested a lease. */
  readonly #asked = new Set<string>();
  /** Whether it was reported that the run can't stop its instances, although their ids are unknown. */
  #isReported = false;

  constructor(run: Run, all: AllInstances) {
    this.#run = run;
    this.#all = all;
  }

  /** Resolves when the run may use the instances. See {@link Leases.acquire}. */
  async acquire(request: LeaseOptions): Promise<void> {
    this.#asked.add(request.nodeId);
    await this.#all.leases.acquire(leaseholder(this.#run, request.nodeId), request);
    this.#all.reconcile();
  }

  /** Resolves with as many instances as the run wants, when they are free. See {@link PoolQueue.acquire}. */
  async acquireSome(nodeId: string, request: PoolRequest): Promise<string[]> {
    this.#asked.add(nodeId);
    const instanceIds = await this.#all.pools.acquire(this.#run, request);
    this.#all.reconcile();
    return instanceIds;
  }

  /** Whether this run is the next one to get instances of a pool. See {@link PoolQueue.isNext}. */
  isNextOfPool(): boolean {
    return this.#all.pools.isNext(this.#run.runId);
  }

  /** The candidates of a waiting run have changed. */
  recheckPools(): void {
    this.#all.pools.recheck();
  }

  /** Returns the lease of an instance that can't be started. */
  giveUp(instanceId: string): void {
    this.#all.power.set(instanceId, false);
    this.#all.leases.release(this.#run.runId, [instanceId]);
    this.#all.leases.forgetReleased(instanceId);
    this.#all.reconcile();
  }

  /** A start step has failed before it could use what it has leased. The leases stay if another start step of the run uses them, or may. */
  returnUnused(instanceIds: readonly string[]): void {
    const starting = [...this.#run.steps].filter(({ record }) => record.role === "start" && isOpen(record));
    if (starting.length === 1) {
      const used = this.leased();
      const unused = instanceIds.filter((id) => !used.includes(id));
      this.#all.leases.forget(this.#run.runId, unused);
      this.#all.reconcile();
    }
  }

  /** Sets the clients with which the guards of these instances watch and stop them. */
  useControl(instanceIds: readonly string[], control: InstanceControl): void {
    for (const id of instanceIds) {
      this.#all.guardOf(id).useControl(control);
    }
  }

  /** A start of these instances was requested (`isRunning` false), or they are running. From then on their loss is detected. */
  expectRunning(instanceIds: readonly string[], isRunning: boolean): void {
    for (const id of instanceIds) {
      this.#all.guardOf(id).expectRunning(isRunning);
      this.#all.power.set(id, true);
    }
  }

  /** Something has failed on an instance: if the instance is lost, that is reported before this resolves. See {@link InstanceGuard.check}. */
  async check(instanceId: string): Promise<void> {
    await this.#all.guardOf(instanceId).check();
  }

  /** Whether a run that is active, or has just ended, has started the instance. */
  isStartedByRun(instanceId: string): boolean {
    return this.#all.isStartedByRun(instanceId);
  }

  /** Whether the instance was running before this run used it. */
  foundRunning(instanceId: string): boolean {
    return wasFoundRunning(this.#run.liveRecord(), instanceId);
  }

  /** The steps of the other runs that have leased an instance, which are open or have ended within this time in milliseconds. */
  recentStepsOfOthers(instanceId: string, withinMs: number): StepRecord[] {
    const { runId, registry } = this.#run;
    const since = registry.now() - withinMs;
    const hasLeased = ({ checkpoint }: StepRecord): boolean =>
      checkpoint?.leased === true && stringsOf(checkpoint.instanceIds).includes(instanceId);
    const others = registry.liveRecords().filter((run) => run.runId !== runId && run.steps.some(hasLeased));
    return others.flatMap(({ steps }) => steps).filter(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt > since);
  }

  /** The other runs that use an instance or wait for it. */
  neededByOthers(instanceId: string): string[] {
    return this.#all.leases.neededByOthers(this.#run.runId, instanceId);
  }

  /** Whether this run needs the instance to keep running: it is active, or a message may still continue it, and it has not released it. */
  isNeeded(instanceId: string): boolean {
    const { isAlive, isAbandoned, currentPass } = this.#run;
    return isAlive && !isAbandoned && !hasReleased(currentPass, instanceId);
  }

  /** Whether a step of this role is open, or an open step or a pending message leads to one; `except` is the id of a step to ignore. */
  isAhead(role: StepRole, { except }: { readonly except?: string } = {}): boolean {
    const { steps, registry } = this.#run;
    const leadsToRole = (nodeId: string): boolean => registry.nodes.leadsToRole(nodeId, role);
    return [...steps].some(
      ({ record, outbox }) =>
        record.stepId !== except &&
        ((isOpen(record) && leadsToRole(record.nodeId)) || outbox.pending.some(({ to }) => to.some(leadsToRole))),
    );
  }

  /** Whether a message that leaves a node may reach a node of this type, which uses the instances. */
  leadsToType(nodeId: string, type: string): boolean {
    return this.#run.registry.nodes.leadsToType(nodeId, type);
  }

  /**
   * Ends a step as skipped if a parallel branch has already ended the run's use of these instances. Call it before anything is started on
   * them.
   *
   * @throws PipelineError `ABORTED`
   */
  throwIfSkipped(step: Step, instanceIds: readonly string[]): void {
    this.#skipIfReleased(step, instanceIds);
    step.signal.throwIfAborted();
  }

  /** Skips steps that are about to use instances although a parallel branch has ended the run's use of them. */
  skipReleased(): void {
    for (const step of this.#run.steps.abortable) {
      if (hasNoCommand(step.record) && !step.signal.aborted) {
        this.#skipIfReleased(step, stringsOf(step.record.checkpoint?.instanceIds));
      }
    }
  }

  /** See `reasonToSkip` of the records. */
  #skipIfReleased(step: Step, instanceIds: readonly string[]): void {
    const why = reasonToSkip(step.record, instanceIds, this.#run.currentPass, () => !this.isAhead("select"));
    if (why !== undefined) {
      step.abort("skipped", why);
    }
  }

  /** Whether the guards can stop all of these instances, because the run has leased them. */
  canStop(instanceIds: readonly string[]): boolean {
    const leased = this.leased();
    return instanceIds.every((id) => leased.includes(id) && this.#all.guardOf(id).hasControl);
  }

  /** The instances that the run has leased, and that have not stopped since. */
  leased(): string[] {
    const record = this.#run.liveRecord();
    return leasedInstances(record, completedStops([record]));
  }

  /** Whether any run has leased an instance that has not been stopped since. */
  isAnyLeased(): boolean {
    return this.#all.leased().length > 0;
  }

  /** This run no longer needs the instances. */
  release(instanceIds: readonly string[]): void {
    this.#all.leases.release(this.#run.runId, instanceIds);
    this.#all.reconcileGuards();
  }

  /**
   * Stops an instance. See {@link InstanceGuard.stop}.
   *
   * @returns undefined if a run needs it again
   */
  stop(instanceId: string, order: StopOrder): Promise<StoppedInstance | undefined> {
    return this.#all.guardOf(instanceId).stop({ by: this.#run.runId, ...order });
  }

  /** Returns true once per incident: then the caller reports that one of these instances can't be stopped. */
  reportOnce(instanceIds: readonly string[]): boolean {
    if (instanceIds.length === 0) {
      const isFirst = !this.#isReported;
      this.#isReported = true;
      return isFirst;
    }
    return instanceIds.map((id) => this.#all.guardOf(id).reportOnce()).some(Boolean);
  }

  /** The run that has ordered the latest stop of the instance; undefined after the next start. */
  stoppedBy(instanceId: string): string | undefined {
    return this.#all.guardOf(instanceId).stoppedBy;
  }

  /** Whether a step of this node has requested a lease. */
  hasAsked(nodeId: string): boolean {
    return this.#asked.has(nodeId);
  }

  /** A step of this node starts or is resumed. It has not requested a lease yet. */
  stepStarts(nodeId: string): void {
    this.#asked.delete(nodeId);
  }

  /** The run was over and continues: it gets its leases back, except those of instances that other runs now use. */
  regain(): void {
    const ids = this.leased().filter((id) => this.isNeeded(id) && this.neededByOthers(id).length === 0);
    this.#all.leases.assign(this.#run.runId, ids);
  }
}

/** A run as the holder of leases. Earlier runs that are on their way to the node come first. */
function leaseholder({ registry, runId, order }: Run, nodeId: string): Leaseholder {
  const isOnItsWay = ({ steps, instances }: Run): boolean =>
    leadTo(nodeId, { steps, nodes: registry.nodes, hasAsked: instances.hasAsked(nodeId) });
  const ahead = (): string[] =>
    registry.all
      .activeBefore(order)
      .filter(isOnItsWay)
      .map((run) => run.runId);
  return { runId, order, ahead };
}
