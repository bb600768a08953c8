import type { RunSummary } from "../../records/run-summary.ts";
import { host, text } from "../host/host.ts";
import { RequestError } from "../host/request-error.ts";
import { element, linkButton, setText } from "../parts/dom.ts";
import { hashOf, type PageTarget, type Tab, targetOf } from "../parts/page-address.ts";
import { RunFeed } from "../parts/requests/run-feed.ts";
import { RunScreen } from "./run-screen.ts";
import { RunTable } from "./run-table.ts";

/** How often durations are updated, and how often changes are requested while the page is visible. */
const TICK_MS = 1000;
const READ_MS = 2000;

/** The full page: the table of runs, or one run, according to the address. Updates itself when runs change. */
export class App {
  readonly element = element("div", { class: "lightly-runs lightly-page-app" });
  readonly #content = element("div", { class: "lightly-page-content" });
  readonly #notice = element("div", { class: "lightly-page-notice", role: "alert" });
  readonly #table = new RunTable(() => this.#replace({ filter: this.#table.filter }));
  readonly #feed: RunFeed;
  readonly #isKnownUser: () => boolean;
  #screen: RunScreen | undefined;

  /** @param isKnownUser - whether the user is logged in, and so only lacks the permission if a request is refused */
  constructor(isKnownUser: () => boolean) {
    this.#isKnownUser = isKnownUser;
    this.#feed = new RunFeed({
      replace: (runs) => {
        this.#noticed(undefined);
        this.#table.set(runs);
        void this.#screen?.refresh();
      },
      update: (changed, removed) => {
        this.#noticed(undefined);
        this.#update(changed, removed);
      },
      fail: (reason, error) => this.#fail(reason, error),
    });
    const home = element(
      "a",
      { class: "lightly-page-home", href: "#" },
      element("i", { class: "fa fa-film", "aria-hidden": "true" }),
      text("page.title"),
    );
    const editor = linkButton("sitemap", text("page.editor"), host().address(""), "_self");
    this.#notice.hidden = true;
    this.element.append(element("header", { class: "lightly-page-header" }, home, editor), this.#notice, this.#content);
  }

  async start(): Promise<void> {
    addEventListener("hashchange", () => this.#route());
    addEventListener("focus", () => void this.#feed.refresh());
    // The user has logged in or out in the editor, in another tab.
    addEventListener("storage", ({ key }) => key?.startsWith("auth-tokens") && location.reload());
    document.addEventListener("visibilitychange", () => document.hidden || void this.#feed.refresh());
    setInterval(() => document.hidden || this.#tick(), TICK_MS);
    setInterval(() => document.hidden || void this.#feed.read(), READ_MS);
    await this.#feed.refresh();
    this.#route();
  }

  #route(): void {
    const { runId, tab, filter } = targetOf(location.hash);
    if (runId !== undefined && runId === this.#screen?.runId) {
      if (tab) {
        this.#screen.showTab(tab);
      }
      return;
    }
    const before = this.#screen?.runId;
    this.#screen?.destroy();
    this.#screen = undefined;
    if (runId === undefined) {
      if (filter) {
        this.#table.filter = filter;
      } else {
        this.#replace({ filter: this.#table.filter });
      }
      this.#content.replaceChildren(this.#table.element);
      document.title = text("page.title");
      if (before !== undefined) {
        this.#table.focus(before);
      }
      return;
    }
    const screen = new RunScreen({
      runId,
      tab,
      onTab: (chosen: Tab) => this.#replace({ runId, tab: chosen }),
      open: (other) => {
        location.hash = hashOf({ runId: other });
      },
      accounts: () => this.#feed.accounts,
    });
    this.#screen = screen;
    this.#content.replaceChildren(screen.element);
    document.title = `${runId} · ${text("page.title")}`;
    screen.focus();
    void screen.refresh();
  }

  /** Changes the address without an entry in the history: the back button leads to the list. */
  #replace(target: PageTarget): void {
    history.replaceState(null, "", hashOf(target));
  }

  #update(changed: readonly RunSummary[], removed: readonly string[]): void {
    if (changed.length > 0 || removed.length > 0) {
      this.#table.update(changed, removed);
    }
    const runId = this.#screen?.runId;
    if (runId !== undefined && (removed.includes(runId) || changed.some((run) => run.runId === runId))) {
      void this.#screen?.refresh();
    }
  }

  #fail(reason: string, error: unknown): void {
    const isRefused = error instanceof RequestError && error.isRefused;
    this.#noticed(isRefused ? text(this.#isKnownUser() ? "page.forbidden" : "page.login") : reason);
    this.#content.hidden = isRefused;
  }

  #noticed(reason: string | undefined): void {
    this.#notice.hidden = reason === undefined;
    this.#content.hidden = false;
    setText(this.#notice, reason ?? "");
  }

  #tick(): void {
    const now = Date.now();
    this.#table.tick(now);
    this.#screen?.tick(now);
  }
}
