/** The configuration of a node, as it is stored in a flow. */
type Configuration = Readonly<Record<string, unknown>>;

/** A change of the fields of a node type between two releases. */
export interface Migration {
  /** Properties that the table of fields no longer has. The editor keeps them until the node is migrated. */
  readonly reads?: readonly string[];
  /** Returns the properties that change. It must be pure, and may be given the configuration of any older release. */
  readonly change: (node: Configuration) => Configuration;
}

/** How many migrations of its type a node has seen, in a flow. Absent: none. */
const VERSION_PROPERTY = "configVersion";

/**
 * The migrations of each node type, in the order of their numbers, from 1 on. Flows of any age are imported: never change or remove one.
 * Additional fields need none, because `whenAbsent` of the field is the value for older flows.
 */
export const MIGRATIONS: Map<string, readonly Migration[]> = new Map();

/** Changes the configuration of a node of an older release in place. */
export function migrate(type: string, node: Record<string, unknown>): void {
  const migrations = MIGRATIONS.get(type) ?? [];
  const seen = Number(node[VERSION_PROPERTY] ?? 0);
  for (const { change } of migrations.slice(seen)) {
    Object.assign(node, change({ ...node }));
  }
  if (seen < migrations.length) {
    node[VERSION_PROPERTY] = migrations.length;
  }
}

/** The properties that the editor must store for a type because of its migrations, with the value of a new node. */
export function migratedProperties(type: string): Record<string, unknown> {
  const migrations = MIGRATIONS.get(type) ?? [];
  const read = migrations.flatMap(({ reads = [] }) => reads).map((name) => [name, undefined]);
  return migrations.length === 0 ? {} : { ...Object.fromEntries(read), [VERSION_PROPERTY]: migrations.length };
}
