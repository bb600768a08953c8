/**
 * Reads the entry of a table for an external name: from a service's response, a message or a file. A plain property access would also find
 * inherited properties such as `constructor`.
 *
 * @returns `undefined` if the table has no own entry with this name
 */
export function ownEntry<T>(table: Readonly<Record<string, T>>, name: string | number | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
