/** A command that now runs on an instance. */
export interface CommandStarted {
  readonly kind: "command-started";
  readonly instanceId: string;
  readonly commandId: string;
}

/** The end of a command on an instance, as its follower saw it. */
export interface CommandEnded {
  readonly kind: "command-ended";
  readonly instanceId: string;
  readonly commandId: string;
  readonly succeeded: boolean;
  /** Its instance went off under it: {@link InstancesLost}. */
  readonly isLost?: true;
  /** One sentence about a command that did not succeed: exit code, time limit, last words. */
  readonly summary: string;
}

/** Instances that a start step has made ready for a script. */
export interface InstancesStarted {
  readonly kind: "instances-started";
  readonly instanceIds: readonly string[];
}

/** Instances that a stop step is about to stop: what still runs on them will end, and that is no failure. */
export interface InstancesStopping {
  readonly kind: "instances-stopping";
  readonly instanceIds: readonly string[];
}

/** Instances that a stop step has stopped. */
export interface InstancesStopped {
  readonly kind: "instances-stopped";
  readonly instanceIds: readonly string[];
}

/** Instances that went off although a run uses them and no step has stopped them. */
export interface InstancesLost {
  readonly kind: "instances-lost";
  readonly instanceIds: readonly string[];
  /** What EC2 says of them, as it reads behind "is". */
  readonly state: string;
}

/** Instances that a stop step has left on for others: this run needs them no more. */
export interface InstancesReleased {
  readonly kind: "instances-released";
  readonly instanceIds: readonly string[];
}

/** Whether a step waits for the run that the worker is to do: if so, that step judges the worker's end. */
export interface Selection {
  readonly kind: "selection";
  readonly state: "awaited" | "over";
}

/** What one step of a run may want to know about another one, without knowing that step. */
export type Fact =
  | CommandStarted
  | CommandEnded
  | InstancesStarted
  | InstancesStopping
  | InstancesStopped
  | InstancesLost
  | InstancesReleased
  | Selection;

/** The facts of one kind. */
export type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;

/** Hears the facts of one kind. */
export type FactListener<K extends Fact["kind"]> = (fact: FactOf<K>) => void;

/** How the steps of one run tell each other what they know. */
export interface Facts {
  tell(fact: Fact): void;
  /** Calls `listener` for each such fact of the run, also for those told earlier; the returned function ends that. */
  on<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void;
  /** The same, without those told earlier: for what holds only for a while, such as an instance that was stopped. */
  onNew<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void;
  /** The newest fact of a kind, if any step has told one. */
  latest<K extends Fact["kind"]>(kind: K): FactOf<K> | undefined;
}
