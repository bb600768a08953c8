import { ownEntry } from "../../errors/own-entry.ts";
import type { InstanceUse } from "../../records/instance-use.ts";

/** US dollars per hour, by instance type. */
export type Prices = Readonly<Record<string, number>>;

/**
 * On-demand prices of Linux instances with a GPU in us-east-1 on 2026-01-19, from the table that Karpenter's AWS provider generates from
 * AWS's price list (`pkg/providers/pricing/zz_generated.pricing_aws.go` of https://github.com/aws/karpenter-provider-aws). The readable
 * list is https://aws.amazon.com/ec2/pricing/on-demand/. Prices change and differ by region, so users can replace them, and enter the
 * prices of other instance types.
 */
export const DEFAULT_PRICES: Prices = {
  "g4dn.xlarge": 0.526,
  "g4dn.2xlarge": 0.752,
  "g4dn.4xlarge": 1.204,
  "g5.xlarge": 1.006,
  "g5.2xlarge": 1.212,
  "g5.4xlarge": 1.624,
  "g6.xlarge": 0.8048,
  "g6.2xlarge": 0.9776,
  "g6.4xlarge": 1.3232,
  "p3.2xlarge": 3.06,
};

/** An estimate in US dollars. */
export interface Cost {
  readonly total: number;
  /** The part of the total for the time in which no command ran. */
  readonly idle: number;
}

/** Calculates the cost of instances, billed by the second; undefined if the price of an instance is not known. */
export function costOf(uses: readonly InstanceUse[], prices: Prices): Cost | undefined {
  let [total, idle] = [0, 0];
  for (const { instanceType = "", runningMs, idleMs } of uses) {
    const perHour = ownEntry(prices, instanceType);
    if (perHour === undefined) {
      return undefined;
    }
    total += (perHour * runningMs) / 3_600_000;
    idle += (perHour * idleMs) / 3_600_000;
  }
  return { total, idle };
}

/** Parses a price that the user has entered; undefined if it is not a price. */
export function parsePrice(entered: string): number | undefined {
  const price = Number(entered.trim().replace(",", "."));
  return entered.trim() !== "" && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** The prices that the user has entered earlier, from the browser's storage; invalid ones are ignored. */
export function readPrices(saved: string | null): Prices {
  try {
    const entries = Object.entries(JSON.parse(saved ?? "{}") as object);
    return Object.fromEntries(entries.filter(([, price]) => typeof price === "number" && price >= 0));
  } catch {
    return {};
  }
}
