import { ownEntry } from "../../errors/own-entry.ts";
import type { InstanceUse } from "./instance-use.ts";

/** US dollars per hour, by instance type. */
export type Prices = Readonly<Record<string, number>>;

/**
 * On-demand prices of Linux instances with a GPU in us-east-1, as AWS's price list had all of them on 2026-01-19: by the table that
 * Karpenter's provider for AWS generates from that list (`pkg/providers/pricing/zz_generated.pricing_aws.go` of
 * https://github.com/aws/karpenter-provider-aws). The list for reading is https://aws.amazon.com/ec2/pricing/on-demand/. Prices differ by
 * region and change: users put their own in their place, and are asked for those of other types.
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
  /** The part of it in which no command ran. */
  readonly idle: number;
}

/** What instances cost by the second; undefined when the price of one is not known. */
export function costOf(uses: readonly InstanceUse[], prices: Prices): Cost | undefined {
  let [total, idle] = [0, 0];
  for (const { instanceType = "", onMs, idleMs } of uses) {
    const perHour = ownEntry(prices, instanceType);
    if (perHour === undefined) {
      return undefined;
    }
    total += (perHour * onMs) / 3_600_000;
    idle += (perHour * idleMs) / 3_600_000;
  }
  return { total, idle };
}

/** What users have typed as a price; undefined if it is none. */
export function parsePrice(typed: string): number | undefined {
  const price = Number(typed.trim().replace(",", "."));
  return typed.trim() !== "" && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** What the browser has kept of the user's own prices; what is damaged counts as nothing. */
export function readPrices(kept: string | null): Prices {
  try {
    const entries = Object.entries(JSON.parse(kept ?? "{}") as object);
    return Object.fromEntries(entries.filter(([, price]) => typeof price === "number" && price >= 0));
  } catch {
    return {};
  }
}
