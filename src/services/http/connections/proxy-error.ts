import type { ProxyServer } from "./proxy-route.ts";

/** The error of a connection through a proxy. The message is a sentence with the URL of the proxy, without user name and password. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** Whether a retry would fail in the same way. */
  readonly isPermanent: boolean;

  constructor(message: string, options: { readonly isPermanent: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.isPermanent = options.isPermanent;
    const { code } = Object(options.cause) as { code?: unknown };
    if (typeof code === "string") {
      // The AWS SDK retries by this code.
      Object.assign(this, { code });
    }
  }
}

/** The error for a status other than 200 of the response to `CONNECT`. */
export function proxyRefused({ url, name, setBy }: ProxyServer, status: number, target: string): ProxyError {
  const isPermanent = status < 500;
  if (status === 407) {
    const text =
      url.username === ""
        ? `asks for a user name and password (HTTP 407). Add them to its address in ${setBy}: ${url.protocol}//USER:PASSWORD@${url.host}, special characters percent-encoded`
        : `does not accept the user name and password of its address (HTTP 407). Correct them in ${setBy}, special characters percent-encoded`;
    return new ProxyError(`The proxy ${name} ${text}.`, { isPermanent });
  }
  const text = isPermanent
    ? `does not allow connections to ${target} (HTTP ${status}). Have them allowed, or add the host to NO_PROXY if it is reached directly`
    : `could not connect to ${target} (HTTP ${status}). Check the address, and whether the proxy reaches it`;
  return new ProxyError(`The proxy ${name} (${setBy}) ${text}.`, { isPermanent });
}

/** The error for a proxy that is not reachable, or closes the connection. */
export function proxyUnreachable({ name, setBy }: ProxyServer, cause: unknown, limitMs: number): ProxyError {
  const { code, name: kind, message } = Object(cause) as { code?: string; name?: string; message?: string };
  const reason = kind === "AbortError" ? `no response within ${limitMs / 1000} s` : (code ?? message ?? String(cause));
  return new ProxyError(
    `The proxy ${name} can't be used (${reason}). Check its address in ${setBy}, and whether it runs and is reached from this machine.`,
    { isPermanent: false, cause },
  );
}
