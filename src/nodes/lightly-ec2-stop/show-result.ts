import type { InstanceStatus } from "../shared/instances/instance-status.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { StopResult } from "./stop-until-done.ts";

/**
 * Shows the result of a stop as long as it is true.
 *
 * @param isStopped - whether EC2 has reported the instances as stopped, and not only accepted the stop
 */
export function showResult(
  context: StepContext,
  shown: InstanceStatus,
  { instanceIds, keptRunning }: StopResult,
  isStopped: boolean,
): void {
  const { status, instances } = context;
  if (keptRunning.length > 0) {
    const others = new Set(keptRunning.flatMap((id) => instances.neededByOthers(id)));
    status.show("done", "keptRunning", { runs: others.size });
    shown.watch({ instanceIds: keptRunning, isOn: true, onUntrue: () => status.show("done", "stopped") });
  } else if (isStopped) {
    status.show("done", "stopped");
    // A stopped instance may be started again.
    shown.watch({ instanceIds, isOn: false, onUntrue: () => status.clear() });
  } else {
    status.show("waiting", "stopping");
    shown.watch({ instanceIds, isOn: true, onUntrue: () => status.show("done", "stopped") });
  }
}
