import type { ComputeEnvironment } from "../resources/resource.ts";
import { fits, type InstanceType, instanceTypes, type Needs } from "./instance-types.ts";
import type { Machines } from "./machines.ts";

/** An instance of a compute environment. */
export interface Host {
  readonly instanceId: string;
  readonly type: InstanceType;
  readonly containerInstanceId: string;
  /** The needs of the containers on it, by the id of their job. */
  readonly used: Map<string, Needs>;
  /** Images that it has pulled. */
  readonly images: Set<string>;
  idleSince: number;
}

export interface HostPoolOptions {
  readonly environment: ComputeEnvironment;
  readonly machines: Machines;
  /** How long an instance is kept without a job, in milliseconds. */
  readonly idleMs: number;
  readonly newId: () => string;
}

/** More would fill the process table of the user's computer. */
const MAX_HOSTS = 20;

/** The instances of one compute environment: started for waiting jobs, terminated when no job needs them. */
export class HostPool {
  readonly #options: HostPoolOptions;
  #hosts: Host[] = [];
  /** Whether the last launch found no capacity. */
  #lacksCapacity = false;

  constructor(options: HostPoolOptions) {
    this.#options = options;
  }

  get environment(): ComputeEnvironment {
    return this.#options.environment;
  }

  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  get lacksCapacity(): boolean {
    return this.#lacksCapacity;
  }

  /** Whether an instance is running without an agent. */
  get isMute(): boolean {
    return this.#hosts.some(({ instanceId }) => this.#options.machines.isMute(instanceId));
  }

  /** The vCPUs that the environment wants to have now. */
  get desiredvCpus(): number {
    return this.#hosts.reduce((sum, { type }) => sum + type.vcpus, 0);
  }

  /** Whether containers run on its instances. */
  get isUsed(): boolean {
    return this.#hosts.some(({ used }) => used.size > 0);
  }

  /** Terminates all instances. */
  terminateAll(): void {
    for (const { instanceId } of this.#hosts.splice(0)) {
      this.#options.machines.terminate(instanceId);
    }
  }

  /** The smallest type that fits and that the environment's limit allows. */
  typeFor(needs: Needs): InstanceType | undefined {
    const { instanceTypes: names, maxvCpus } = this.environment.computeResources;
    return instanceTypes(names).find((type) => fits(needs, type) && type.vcpus <= maxvCpus);
  }

  /** A ready host with room. */
  hostFor(needs: Needs): Host | undefined {
    return this.#hosts.find(
      (host) => this.#options.machines.stateOf(host.instanceId) === "ready" && fits(needs, roomOf(host)),
    );
  }

  /** Forgets hosts whose instances end or have ended; returns them. */
  dropLost(): Host[] {
    const isLost = ({ instanceId }: Host): boolean =>
      ["ending", "gone"].includes(this.#options.machines.stateOf(instanceId));
    const lost = this.#hosts.filter(isLost);
    this.#hosts = this.#hosts.filter((host) => !isLost(host));
    return lost;
  }

  /** Starts instances for what waits, in its order; returns what must wait for something else, e.g. another environment. */
  growFor(waiting: readonly Needs[]): Needs[] {
    const rooms = this.#hosts.map(roomOf);
    const left: Needs[] = [];
    for (const needs of waiting) {
      const room = rooms.find((one) => fits(needs, one)) ?? this.#launchFor(needs);
      if (room === undefined) {
        left.push(needs);
        continue;
      }
      if (!rooms.includes(room)) {
        rooms.push(room);
      }
      room.vcpus -= needs.vcpus;
      room.memoryMib -= needs.memoryMib;
      room.gpus -= needs.gpus;
    }
    return left;
  }

  /** Starts what the minimum asks for, and terminates what has been idle for long enough. */
  keepMinimum(now: number): void {
    const { minvCpus, instanceTypes: names } = this.environment.computeResources;
    const [smallest] = instanceTypes(names);
    let isMissing = this.desiredvCpus < minvCpus;
    while (smallest !== undefined && isMissing) {
      isMissing = this.#launch(smallest) !== undefined && this.desiredvCpus < minvCpus;
    }
    for (const host of this.#hosts) {
      const isIdle = host.used.size === 0 && now - host.idleSince >= this.#options.idleMs;
      const isReady = this.#options.machines.stateOf(host.instanceId) === "ready";
      if (isIdle && isReady && this.desiredvCpus - host.type.vcpus >= minvCpus) {
        this.#hosts = this.#hosts.filter((one) => one !== host);
        this.#options.machines.terminate(host.instanceId);
      }
    }
  }

  #launchFor(needs: Needs): Room | undefined {
    const type = this.typeFor(needs);
    const { state, status } = this.environment;
    const mayGrow = state === "ENABLED" && status === "VALID";
    const host = type === undefined || !mayGrow ? undefined : this.#launch(type);
    return host === undefined ? undefined : roomOf(host);
  }

  #launch(type: InstanceType): Host | undefined {
    const { maxvCpus, tags } = this.environment.computeResources;
    if (this.desiredvCpus + type.vcpus > maxvCpus || this.#hosts.length >= MAX_HOSTS) {
      return undefined;
    }
    const instanceId = this.#options.machines.launch(type, tags);
    this.#lacksCapacity = instanceId === undefined;
    if (instanceId === undefined) {
      return undefined;
    }
    const containerInstanceId = this.#options.newId();
    const host: Host = {
      instanceId,
      type,
      containerInstanceId,
      used: new Map(),
      images: new Set(),
      idleSince: Number.POSITIVE_INFINITY,
    };
    this.#hosts.push(host);
    return host;
  }
}

type Room = { -readonly [K in keyof Needs]: Needs[K] };

function roomOf({ type, used }: Host): Room {
  const sum = (member: keyof Needs): number => [...used.values()].reduce((total, needs) => total + needs[member], 0);
  return {
    vcpus: type.vcpus - sum("vcpus"),
    memoryMib: type.memoryMib - sum("memoryMib"),
    gpus: type.gpus - sum("gpus"),
  };
}
