import type { NextFunction, Request, Response } from "express";
import type { NodeAPI } from "node-red";

type WithHeaders = Pick<Request, "headers">;

/**
 * A middleware that protects requests with side effects against cross-site request forgery. A page of another site can make a browser
 * send a form or plain text without a preflight request, but not JSON. So JSON is required (415 otherwise), and a request is refused
 * if the browser names another site as its origin (403). Clients other than browsers send no such header.
 *
 * Where `httpAdminCors` in Node-RED's settings allows other sites, only JSON is required.
 */
export function requireSameOrigin(
  red: NodeAPI,
): (request: WithHeaders, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const type = request.headers["content-type"] ?? "";
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      const message = `The request must be of type application/json, but ${type === "" ? "has no type" : "has another type"}. Send the header "Content-Type: application/json".`;
      response.status(415).json({ code: "INPUT_INVALID", message });
    } else if (isCrossOrigin(request) && !hasCors(red)) {
      const message =
        "The request comes from a page of another site. Send it from Node-RED's own editor, or without a browser.";
      response.status(403).json({ code: "REQUEST_CROSS_ORIGIN", message });
    } else {
      next();
    }
  };
}

/** Reads `Sec-Fetch-Site`, which pages can't change. Older browsers, and browsers without TLS, send only `Origin`. */
function isCrossOrigin({ headers }: WithHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) {
    return site !== "same-origin" && site !== "none";
  }
  const { origin } = headers;
  if (origin === undefined) {
    return false;
  }
  // A proxy in front of Node-RED may replace Host.
  const hosts = [headers.host, ...String(headers["x-forwarded-host"] ?? "").split(",")].map((host) => host?.trim());
  return !hosts.includes(URL.parse(origin)?.host);
}

function hasCors(red: NodeAPI): boolean {
  return (red.settings as { httpAdminCors?: unknown }).httpAdminCors !== undefined;
}
