/** The packages of the supported versions of Node-RED: the current one, and 4.1. */
export const NODE_REDS = ["node-red", "node-red-4"] as const;

/** One of the supported versions of Node-RED. */
export type NodeRed = (typeof NODE_REDS)[number];

/**
 * `it` for a behavior that does not depend on the version of Node-RED: code of this package decides it alone, and what it uses of Node-RED is
 * tested in both versions by the other tests of the suite. In Node-RED 4.1 it defines no test.
 */
export function itInCurrent(nodeRed: NodeRed): (title: string, test: Mocha.AsyncFunc) => void {
  return (title, test) => {
    if (nodeRed === "node-red") {
      it(title, test);
    }
  };
}
