import { FlowNames } from "./flow-names.ts";
import type { Host } from "./host.ts";
import { mayWrite, type User } from "./permissions.ts";
import { RequestError } from "./request-error.ts";

/** The settings of Node-RED that the page uses. */
export interface PageSettings {
  /** Absent without `adminAuth`. */
  readonly user?: User;
  readonly editorTheme?: {
    readonly schemes?: readonly string[];
    readonly page?: { readonly _?: { readonly css?: readonly string[] } };
  };
}

type Texts = { readonly [key: string]: string | Texts };

/** The address of the editor, one folder above the page. */
const ROOT = new URL("../", location.href).href;

/** The full page: it requests with the access token that the editor has saved in this browser. */
export class PageHost implements Host {
  readonly language: string;
  readonly #texts: Texts;
  readonly #names = new FlowNames((path) => this.request("GET", path));
  #settings: PageSettings = {};

  private constructor(language: string, texts: Texts) {
    this.language = language;
    this.#texts = texts;
  }

  /** Loads the texts in the language of the editor or, if the user has not chosen one there, of the browser. */
  static async create(): Promise<PageHost> {
    const language = localStorage.getItem("editor-language") || navigator.language;
    const response = await fetch(`${ROOT}lightly-aws/texts/${encodeURIComponent(language)}`);
    return new PageHost(language, (await response.json()) as Texts);
  }

  /** Whether the user has logged in. */
  get isKnownUser(): boolean {
    const { user } = this.#settings;
    return user !== undefined && user.anonymous !== true && user.username !== undefined;
  }

  get settings(): PageSettings {
    return this.#settings;
  }

  /** Reads the user's permissions and the names of nodes, as far as the user may read them. */
  async start(): Promise<void> {
    this.#settings = await this.request<PageSettings>("GET", "settings").catch(() => ({ user: { permissions: [] } }));
    await this.#names.load();
  }

  text(key: string, values: Readonly<Record<string, unknown>> = {}): string {
    const found = key
      .split(".")
      .reduce<string | Texts | undefined>(
        (at, name) => (typeof at === "object" && Object.hasOwn(at, name) ? at[name] : undefined),
        this.#texts,
      );
    return typeof found === "string"
      ? found.replaceAll(/__(\w+?)__/g, (whole, name: string) => String(values[name] ?? whole))
      : key;
  }

  async request<T>(method: "GET" | "POST" | "DELETE", path: string, body: object = {}): Promise<T> {
    const response = await this.#fetch(method, path, {
      headers: {
        Accept: "application/json",
        "Node-RED-API-Version": "v2",
        ...(method !== "GET" && { "Content-Type": "application/json" }),
      },
      ...(method !== "GET" && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  async file(path: string): Promise<Blob> {
    return await (await this.#fetch("GET", path, {})).blob();
  }

  canWrite(): boolean {
    return mayWrite(this.#settings.user);
  }

  node(nodeId: string): ReturnType<Host["node"]> {
    return this.#names.node(nodeId);
  }

  address(path: string): string {
    return ROOT + path;
  }

  async #fetch(method: string, path: string, init: RequestInit): Promise<Response> {
    const token = accessToken();
    const headers = { ...init.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
    let response: Response;
    try {
      response = await fetch(ROOT + path, { ...init, method, headers });
    } catch {
      throw new RequestError("HTTP_0", this.text("noConnection"));
    }
    if (!response.ok) {
      const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
      const { code = `HTTP_${response.status}`, message = `${response.status} ${response.statusText}` } = body;
      throw new RequestError(code, message);
    }
    return response;
  }
}

/** The editor saves its token under a name with the path of the editor, so that several Node-REDs can share a host. */
function accessToken(): string | undefined {
  const suffix = new URL(ROOT).pathname.slice(0, -1).replaceAll("/", "-");
  try {
    const { access_token: token } = Object(JSON.parse(localStorage.getItem(`auth-tokens${suffix}`) ?? "null")) as {
      access_token?: unknown;
    };
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
