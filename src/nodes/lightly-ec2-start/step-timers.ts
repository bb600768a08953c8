import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { EarlyReads } from "./auto-stop-timer.ts";

/** The options of the timers. */
export interface StepTimersOptions {
  readonly clients: () => Promise<AwsClients>;
  readonly warn: (text: string) => void;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

/** The shutdown timers of the steps of one node: one per start of a step, until the node closes. */
export class StepTimers {
  readonly #options: StepTimersOptions;
  readonly #armed = new Set<string>();
  /** What was read for the timers of a step while its instances were starting. */
  readonly #early = new WeakMap<StepContext, EarlyReads>();

  constructor(options: StepTimersOptions) {
    this.#options = options;
  }

  /** The instances of a step were stopped: if it starts them again, they need new timers. */
  forget(context: StepContext): void {
    this.#armed.delete(context.stepId);
    this.#early.delete(context);
  }

  /** Reads what the timers need while the instances are starting, so that the requests take no paid time. */
  async prepare(context: StepContext, instanceIds: readonly string[], minutes: number): Promise<void> {
    if (minutes <= 0 || this.#armed.has(context.stepId)) {
      return;
    }
    const { readEarly } = await import("./auto-stop-timer.ts");
    this.#early.set(context, readEarly(await (await this.#options.clients()).ec2(), instanceIds));
  }

  /**
   * Sets the auto-stop timer. Resolves when that is done, or after a warning.
   *
   * @param minutes - how long after the last renewal an instance stops; 0: never
   */
  async arm(context: StepContext, instanceIds: readonly string[], minutes: number): Promise<void> {
    const { stepId } = context;
    if (minutes <= 0 || this.#armed.has(stepId)) {
      return;
    }
    this.#armed.add(stepId);
    const { clients, warn, signal } = this.#options;
    const lent = await clients();
    const { AutoStopTimer } = await import("./auto-stop-timer.ts");
    const [ec2, ssm] = [await lent.ec2(), await lent.ssm()];
    const early = this.#early.get(context);
    await new AutoStopTimer({ ec2, ssm, context, instanceIds, minutes, early, warn, signal }).arm();
  }
}
