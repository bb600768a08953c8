import type { AllInstances } from "../../../runs/instances/all-instances.ts";
import { runs } from "../../../runs/run-registry.ts";
import type { Node } from "../node-red.ts";

interface Claim {
  readonly instanceIds: readonly string[];
  readonly isOn: boolean;
  readonly onUntrue: () => void;
}

/**
 * What the status of a node says about instances, such as "online". It is replaced as soon as one of them is in another state, also long
 * after the step has ended. Each node has one, since a node shows one status.
 */
export class InstanceStatus {
  readonly #instances: AllInstances;
  #claim: Claim | undefined;

  constructor(node: Node, instances = runs.instances) {
    this.#instances = instances;
    const unsubscribe = instances.power.onChange(() => this.#check());
    node.on("close", () => unsubscribe());
  }

  /** The status says that these instances are on (or off). `onUntrue` is called once as soon as that is not true, perhaps immediately. */
  says(claim: Claim): void {
    this.#claim = claim;
    this.#check();
  }

  /** The node shows something else. */
  forget(): void {
    this.#claim = undefined;
  }

  #check(): void {
    const claim = this.#claim;
    if (claim?.instanceIds.some((id) => this.#instances.power.isOn(id) === !claim.isOn)) {
      this.#claim = undefined;
      claim.onUntrue();
    }
  }
}
