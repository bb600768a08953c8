import { host } from "../host/host.ts";
import { element } from "../parts/dom.ts";

/** The theme in Node-RED's settings. */
interface Theme {
  /** The schemes of a theme that is a plugin: `light`, `dark`, or both. */
  readonly schemes?: readonly string[];
  readonly page?: { readonly _?: { readonly css?: readonly string[] } };
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
let theme: Theme = {};

/** Shows the page like the editor: in the light or dark theme that the user has chosen there, and with the style sheets of a theme. */
export function useTheme(settings: Theme = {}): void {
  theme = settings;
  for (const path of theme.page?._?.css ?? []) {
    document.head.append(element("link", { rel: "stylesheet", href: host().address(path) }));
  }
  apply();
  darkSystem.onchange = apply;
  // Another tab has changed it.
  window.onstorage = apply;
}

function apply(): void {
  document.documentElement.classList.toggle("nr-theme-dark", isDark());
}

function isDark(): boolean {
  if (theme.schemes?.length === 1) {
    return theme.schemes[0] === "dark";
  }
  const chosen = localStorage.getItem("view-dark-theme") ?? "light";
  return chosen === "dark" || (chosen === "auto" && darkSystem.matches);
}
