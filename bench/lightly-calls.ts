/** Requests to Lightly's API without any layer in between. */
export interface LightlyCalls {
  readonly call: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  readonly post: (path: string, body: unknown) => Promise<{ id: string }>;
}

/** Requests to the server that the environment names; an answer of 404 is an answer, too. */
export function lightlyCalls(environment: Readonly<Record<string, string>>, signal: AbortSignal): LightlyCalls {
  const of = (name: string): string => environment[name] ?? "";
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${of("LIGHTLY_SERVER_LOCATION")}${path}`, {
      ...{
        method,
        signal,
        headers: { authorization: `Bearer ${of("LIGHTLY_TOKEN")}`, "content-type": "application/json" },
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 404) {
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    }
    return text === "" ? (undefined as T) : (JSON.parse(text) as T);
  };
  return { call, post: (path, body) => call("POST", path, body) };
}
