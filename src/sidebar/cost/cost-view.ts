import { type ContainerUse, containerUses } from "../../records/container-use.ts";
import { type InstanceUse, instanceUses } from "../../records/instance-use.ts";
import type { RunRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element, setText } from "../parts/dom.ts";
import { formatDollars } from "../parts/texts/times.ts";
import { costOf, DEFAULT_PRICES, type Prices, parsePrice, readPrices } from "./cost.ts";
import { requestsOf } from "./requests-of.ts";
import { containerTimesOf, timesOf } from "./times-of.ts";

const STORAGE_KEY = "lightly-aws-hourly-prices";

/**
 * The estimated cost of a run's instances, by their running time and hourly prices that the user can change. That of AWS Batch is not known:
 * it bills instances, and reports the times of containers.
 */
export class CostView {
  readonly element = element("section", { class: "lightly-runs-cost" });
  readonly #total = element("div", { class: "lightly-runs-total" });
  readonly #uses = element("ul");
  readonly #containers = element("ul");
  readonly #containersHint = element("p", { class: "lightly-runs-faint" }, text("cost.containersHint"));
  readonly #hint = element("p", { class: "lightly-runs-faint" }, text("cost.hint"));
  readonly #requests = element("p", { class: "lightly-runs-faint" });
  readonly #lines = new Map<string, { line: HTMLElement; times: HTMLElement; price: HTMLInputElement | undefined }>();
  #shown: readonly InstanceUse[] = [];
  #hasContainers = false;

  constructor() {
    this.element.append(
      ...[this.#total, this.#uses, this.#containers, this.#requests, this.#hint, this.#containersHint],
    );
  }

  /** Whether the run has used neither an instance nor a container of AWS Batch. */
  get isEmpty(): boolean {
    return this.#shown.length === 0 && !this.#hasContainers;
  }

  show(run: RunRecord, now: number): void {
    this.#shown = instanceUses(run, now);
    for (const use of this.#shown) {
      const { instanceId, instanceType, isLeftRunning: isKeptRunning } = use;
      const { times } = this.#lineOf(instanceId, instanceType);
      const line = timesOf([use]);
      setText(times, isKeptRunning ? `${line} · ${text("cost.keptRunning")}` : line);
    }
    this.#showContainers(containerUses(run));
    const requests = requestsOf(run);
    setText(this.#requests, requests === "" ? "" : text("cost.requests", { list: requests }));
    this.#showTotal();
  }

  /** They change only when a job ends. */
  #showContainers(uses: readonly ContainerUse[]): void {
    this.#hasContainers = uses.length > 0;
    this.#containersHint.hidden = !this.#hasContainers;
    this.#hint.hidden = this.#shown.length === 0;
    const lines = uses.map((use) =>
      element("li", {}, element("div", {}, use.jobId), text("run.containers", { times: containerTimesOf([use]) })),
    );
    this.#containers.replaceChildren(...lines);
  }

  #showTotal(): void {
    this.#total.hidden = this.#shown.length === 0;
    const cost = costOf(this.#shown, prices());
    const isKnown = this.#shown.every(({ instanceType }) => instanceType !== undefined);
    setText(
      this.#total,
      cost
        ? text("cost.total", { total: formatDollars(cost.total), idle: formatDollars(cost.idle) })
        : text(isKnown ? "cost.noPrice" : "cost.noType"),
    );
  }

  /** Returns the line of an instance. It is reused, so that the user can enter a price in it. */
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
    // The line from before the instance type was known.
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
      savePrice(instanceType, price);
      // A blank field restores the default price.
      if (input.value.trim() === "") {
        input.value = String(prices()[instanceType] ?? "");
      }
      this.#showTotal();
    });
    return input;
  }
}

function prices(): Prices {
  return { ...DEFAULT_PRICES, ...readPrices(localStorage.getItem(STORAGE_KEY)) };
}

function savePrice(instanceType: string, price: number | undefined): void {
  const { [instanceType]: _before, ...others } = readPrices(localStorage.getItem(STORAGE_KEY));
  localStorage.setItem(
    STORAGE_KEY,
    JSON.stringify(price === undefined ? others : { ...others, [instanceType]: price }),
  );
}
