/** What an instance type offers to containers. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  /** MiB, without what the system and the ECS agent use. */
  readonly memoryMib: number;
  readonly gpus: number;
}

/** The part of the memory that containers can use, about. */
const USABLE = 0.95;

const TYPES: readonly InstanceType[] = (
  [
    ["c5.large", 2, 4, 0],
    ["c5.xlarge", 4, 8, 0],
    ["m5.large", 2, 8, 0],
    ["m5.xlarge", 4, 16, 0],
    ["m5.2xlarge", 8, 32, 0],
    ["m5.4xlarge", 16, 64, 0],
    ["g4dn.xlarge", 4, 16, 1],
    ["g4dn.2xlarge", 8, 32, 1],
    ["g4dn.12xlarge", 48, 192, 4],
    ["g5.xlarge", 4, 16, 1],
    ["g5.2xlarge", 8, 32, 1],
    ["g5.12xlarge", 48, 192, 4],
    ["g6.xlarge", 4, 16, 1],
    ["g6.2xlarge", 8, 32, 1],
  ] as const
).map(([name, vcpus, gib, gpus]) => ({ name, vcpus, memoryMib: Math.floor(gib * 1024 * USABLE), gpus }));

/** The types of names and families (`g5`, `optimal`) that the sandbox knows, the smallest first. */
export function instanceTypes(names: readonly string[]): InstanceType[] {
  const wanted = names.flatMap((name) => (name === "optimal" ? ["c5", "m5"] : [name]));
  const known = TYPES.filter(({ name }) => wanted.some((one) => name === one || name.startsWith(`${one}.`)));
  return known.sort((one, other) => one.vcpus - other.vcpus);
}

/** What a container needs of its host. */
export interface Needs {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly gpus: number;
}

export function fits(needs: Needs, room: Needs): boolean {
  return needs.vcpus <= room.vcpus && needs.memoryMib <= room.memoryMib && needs.gpus <= room.gpus;
}
