import type { AllInstances } from "../../../runs/instances/all-instances.ts";
import { runs } from "../../../runs/run-registry.ts";
import type { Node } from "../node-red.ts";

interface Expected {
  readonly instanceIds: readonly string[];
  readonly isOn: boolean;
  readonly onUntrue: () => void;
}

/**
 * What the status of a node says about instances, such as "online". It is replaced as soon as one of them is in another state, even long
 * after the step has ended. Each node has one, since a node shows one status.
 */
export class InstanceStatus {
  readonly #instances: AllInstances;
  #expected: Expected | undefined;

  constructor(node: Node, instances = runs.instances) {
    this.#instances = instances;
    const unsubscribe = instances.power.onChange(() => this.#check());
    node.on("close", () => unsubscribe());
  }

  /** The status shows that these instances are on (or off). `onUntrue` is called once when that is no longer true, possibly immediately. */
  watch(expected: Expected): void {
    this.#expected = expected;
    this.#check();
  }

  /** The node shows something else. */
  forget(): void {
    this.#expected = undefined;
  }

  #check(): void {
    const expected = this.#expected;
    if (expected?.instanceIds.some((id) => this.#instances.power.isOn(id) === !expected.isOn)) {
      this.#expected = undefined;
      expected.onUntrue();
    }
  }
}
