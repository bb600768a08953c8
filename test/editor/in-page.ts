/** An element in the page, with the members that the tests use. */
export interface PageElement {
  readonly localName: string;
  readonly disabled?: boolean;
  readonly readOnly?: boolean;
  readonly checked?: boolean;
  readonly type?: string;
  readonly textContent: string;
  readonly classList: { contains(name: string): boolean };
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly options: Iterable<{ readonly value: string }>;
  value: string;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  closest(selector: string): PageElement | null;
  contains(other: unknown): boolean;
  checkVisibility(options?: { readonly visibilityProperty: boolean }): boolean;
  getBoundingClientRect(): { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  scrollIntoViewIfNeeded(): void;
  click(): void;
  focus(): void;
  select?(): void;
  dispatchEvent(event: Event): void;
}

/** Where an element is. */
export interface Place {
  /** Searches the whole page instead of the dialog on top. */
  readonly onPage?: boolean;
  /** The property of a form: its field, or the row of its field if there is a path too. */
  readonly property?: string;
  /** Selectors, each inside of the element before it. Each finds the first visible element, or the one with the given index. */
  readonly path?: readonly (string | readonly [selector: string, index: number])[];
}

/**
 * What the tests do in the page in one request each. Through locators, an entry in a field takes some thirty requests, and each costs
 * milliseconds of processor time in several processes. Each function waits for its element like a locator does.
 */
export interface InPage {
  /** Waits until a function returns a value, which is returned. */
  until<T>(read: () => T | undefined | false, what: string): Promise<T>;
  /** The dialog on top. */
  dialog(): PageElement | undefined;
  /** The element from which Node-RED reads a property. */
  inputOf(property: string): PageElement | undefined;
  /** The row of a property with its label and its field. */
  rowOf(property: string): PageElement | undefined;
  /** The type of a typed input with several types. */
  typeOf(property: string): string | undefined;
  /** Moves the focus to a field, and selects its text. Returns the name of its element. */
  select(place: Place): Promise<string>;
  /** Chooses an option of a select. */
  choose(place: Place, value: string): Promise<void>;
  /** Where to click on an element. Until {@link hit} is called, a click elsewhere has no effect. */
  aim(place: Place): Promise<Point>;
  /** Whether the element has received the click since {@link aim}. */
  hit(): Promise<boolean>;
}

/** In CSS pixels from the upper left corner of the page. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface PageEvent {
  readonly type: string;
  readonly target: unknown;
  preventDefault(): void;
  stopImmediatePropagation(): void;
}
interface Guarded {
  addEventListener(type: string, listener: (event: PageEvent) => void, isCapturing: boolean): void;
  removeEventListener(type: string, listener: (event: PageEvent) => void, isCapturing: boolean): void;
}
declare const document: PageElement & { elementFromPoint(x: number, y: number): PageElement | null };
declare const innerWidth: number;
declare const innerHeight: number;

/** Runs in each new page, and makes `inPage`. A function that fails within the limit throws the reason. */
export function installInPage(limitMs: number): void {
  const window = globalThis as unknown as Guarded & { inPage: InPage };
  const EVENTS = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick"];
  let endAim = async (): Promise<boolean> => false;

  const until: InPage["until"] = async (read, what) => {
    for (const end = performance.now() + limitMs; ; await new Promise((resolve) => setTimeout(resolve, 15))) {
      const value = read();
      if (value !== undefined && value !== false) {
        return value;
      }
      if (performance.now() > end) {
        throw new Error(`${what}: not within ${limitMs / 1000} s`);
      }
    }
  };
  const dialog = (): PageElement | undefined => [...document.querySelectorAll(".red-ui-tray")].at(-1);
  const idsOf = (property: string): string => `[id="node-input-${property}"], [id="node-config-input-${property}"]`;
  const inputOf: InPage["inputOf"] = (property) => dialog()?.querySelector(idsOf(property)) ?? undefined;
  const rowOf: InPage["rowOf"] = (property) =>
    dialog()
      ?.querySelector(`${idsOf(property)}, [id="node-input-${property}-list"]`)
      ?.closest(".form-row") ?? undefined;
  const isVisible = (element: PageElement): boolean => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
  };

  /** The element, as soon as a user sees it and can use it. */
  function usable(place: Place): Promise<PageElement> {
    const { onPage = false, property, path } = place;
    const find = (): PageElement | undefined => {
      if (property !== undefined && path === undefined) {
        const input = inputOf(property);
        // A typed input hides the field of its property, and shows another one.
        const typed = input && !isVisible(input) && rowOf(property)?.querySelector(".red-ui-typedInput-input");
        return typed || input;
      }
      let found = property !== undefined ? rowOf(property) : onPage ? document : dialog();
      for (const step of path ?? []) {
        const [selector, index] = typeof step === "string" ? [step, 0] : step;
        found = [...(found?.querySelectorAll(selector) ?? [])].filter(isVisible)[index];
      }
      return found;
    };
    return until(
      () => {
        const element = find();
        return element && isVisible(element) && !element.disabled && !element.readOnly && element;
      },
      `${JSON.stringify(place)} is visible and enabled`,
    );
  }

  /** The center of an element, if nothing covers it. */
  function pointOn(element: PageElement): Point | undefined {
    element.scrollIntoViewIfNeeded();
    const { x, y, width, height } = element.getBoundingClientRect();
    const middle = (from: number, size: number, limit: number): number =>
      (Math.max(from, 0) + Math.min(from + size, limit)) / 2;
    const point = { x: middle(x, width, innerWidth), y: middle(y, height, innerHeight) };
    return element.contains(document.elementFromPoint(point.x, point.y)) ? point : undefined;
  }

  window.inPage = {
    until,
    dialog,
    inputOf,
    rowOf,
    typeOf: (property) => inputOf(`${property}Type`)?.value,
    select: async (place) => {
      const element = await usable(place);
      element.scrollIntoViewIfNeeded();
      element.focus();
      element.select?.();
      return element.localName;
    },
    choose: async (place, value) => {
      const element = await usable(place);
      await until(() => [...element.options].some((option) => option.value === value), `The option ${value} exists`);
      element.focus();
      element.value = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
    },
    aim: async (place) => {
      const element = await usable(place);
      const point = await until(() => pointOn(element), `Nothing covers ${JSON.stringify(place)}`);
      let isMissed = false;
      let isClicked = false;
      const guard = (event: PageEvent): void => {
        // Rows move while a slow browser validates the field that loses the focus.
        isMissed ||= !element.contains(event.target);
        isClicked ||= !isMissed && event.type === "click";
        if (isMissed) {
          event.preventDefault();
          event.stopImmediatePropagation();
        }
      };
      for (const type of EVENTS) {
        window.addEventListener(type, guard, true);
      }
      endAim = async () => {
        await until(() => isClicked || isMissed, `The mouse clicks on ${JSON.stringify(place)}`);
        for (const type of EVENTS) {
          window.removeEventListener(type, guard, true);
        }
        // No user is quicker than the tasks that a click starts: Node-RED arms an open menu in one of them.
        await new Promise((resolve) => setTimeout(resolve));
        return isClicked;
      };
      return point;
    },
    hit: () => endAim(),
  };
}
