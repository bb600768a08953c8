import type { RunRecord } from "../../runs/records/run-record.ts";
import { element, setText } from "../parts/dom.ts";
import { formatDuration } from "../parts/duration.ts";
import { text } from "../parts/editor.ts";
import { formatDollars } from "../parts/times.ts";
import { costOf, DEFAULT_PRICES, type Prices, parsePrice, readPrices } from "./cost.ts";
import { type InstanceUse, instanceUses } from "./instance-use.ts";

const KEPT_UNDER = "lightly-aws-hourly-prices";

/** What a run's instances have cost, as far as times and the price list tell; the prices are the user's to change. */
export class CostView {
  readonly element = element("section", { class: "lightly-runs-cost" });
  readonly #total = element("div", { class: "lightly-runs-total" });
  readonly #uses = element("ul");
  readonly #lines = new Map<string, { line: HTMLElement; times: HTMLElement; price: HTMLInputElement | undefined }>();
  #shown: readonly InstanceUse[] = [];

  constructor() {
    this.element.append(
      element("h3", {}, text("cost.title")),
      this.#total,
      this.#uses,
      element("p", { class: "lightly-runs-faint" }, text("cost.hint")),
    );
  }

  show(run: RunRecord, now: number): void {
    this.#shown = instanceUses(run, now);
    this.element.hidden = this.#shown.length === 0;
    for (const use of this.#shown) {
      const { instanceId, instanceType, onMs, idleMs, isLeftOn } = use;
      const { times } = this.#lineOf(instanceId, instanceType);
      const said = text("cost.times", { on: formatDuration(onMs), idle: formatDuration(idleMs) });
      setText(times, isLeftOn ? `${said} · ${text("cost.keptRunning")}` : said);
    }
    this.#showTotal();
  }

  #showTotal(): void {
    const cost = costOf(this.#shown, prices());
    const isKnown = this.#shown.every(({ instanceType }) => instanceType !== undefined);
    setText(
      this.#total,
      cost
        ? text("cost.total", { total: formatDollars(cost.total), idle: formatDollars(cost.idle) })
        : text(isKnown ? "cost.noPrice" : "cost.noType"),
    );
  }

  /** A line of its own for each instance, which stays while somebody types a price into it. */
  #lineOf(instanceId: string, instanceType: string | undefined) {
    const key = `${instanceId}/${instanceType}`;
    const known = this.#lines.get(key);
    if (known) {
      return known;
    }
    const times = element("span");
    const price = instanceType === undefined ? undefined : this.#priceOf(instanceType);
    const line = element("li", {}, element("div", {}, `${instanceId} ${instanceType ?? ""}`), times);
    if (price) {
      line.append(element("label", {}, text("cost.price"), " ", price));
    }
    // Before its type was known it had another line.
    this.#lines.get(`${instanceId}/undefined`)?.line.remove();
    this.#uses.append(line);
    this.#lines.set(key, { line, times, price });
    return { line, times, price };
  }

  #priceOf(instanceType: string): HTMLInputElement {
    const input = element("input", { type: "text", inputmode: "decimal" });
    input.value = String(prices()[instanceType] ?? "");
    input.addEventListener("change", () => {
      const price = parsePrice(input.value);
      input.setAttribute("aria-invalid", String(price === undefined && input.value.trim() !== ""));
      keepPrice(instanceType, price);
      // A blank field is for the price that the list has.
      if (input.value.trim() === "") {
        input.value = String(prices()[instanceType] ?? "");
      }
      this.#showTotal();
    });
    return input;
  }
}

function prices(): Prices {
  return { ...DEFAULT_PRICES, ...readPrices(localStorage.getItem(KEPT_UNDER)) };
}

function keepPrice(instanceType: string, price: number | undefined): void {
  const { [instanceType]: _before, ...others } = readPrices(localStorage.getItem(KEPT_UNDER));
  localStorage.setItem(KEPT_UNDER, JSON.stringify(price === undefined ? others : { ...others, [instanceType]: price }));
}
