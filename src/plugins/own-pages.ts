import type { NextFunction, Request, Response } from "express";
import type { NodeAPI } from "node-red";

type Headed = Pick<Request, "headers">;

/**
 * A middleware for requests that change something: it refuses what a page of another site can have a browser send. Such a page can send
 * a form or plain text without being asked, but not JSON, about which the browser asks the server first; so JSON is required (415
 * otherwise), and a browser that names another site as the sender is refused (403). Other clients send no such header.
 *
 * Where `httpAdminCors` of Node-RED's settings lets other sites in, these are its business, and JSON is still required.
 */
export function fromOwnPages(red: NodeAPI): (request: Headed, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const type = request.headers["content-type"] ?? "";
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      const message = `The request must be of type application/json, but is ${type === "" ? "of none" : "of another one"}. Send the header "Content-Type: application/json".`;
      response.status(415).json({ code: "INPUT_INVALID", message });
    } else if (isFromElsewhere(request) && !hasCors(red)) {
      const message =
        "The request comes from a page of another site. Send it from Node-RED's own editor, or without a browser.";
      response.status(403).json({ code: "REQUEST_CROSS_ORIGIN", message });
    } else {
      next();
    }
  };
}

/** By the browser's own word, which no page can change; an older browser, or one without TLS, names the origin alone. */
function isFromElsewhere({ headers }: Headed): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) {
    return site !== "same-origin" && site !== "none";
  }
  const { origin } = headers;
  if (origin === undefined) {
    return false;
  }
  // A proxy in front of Node-RED may put its own name into Host.
  const hosts = [headers.host, ...String(headers["x-forwarded-host"] ?? "").split(",")].map((host) => host?.trim());
  return !hosts.includes(URL.parse(origin)?.host);
}

function hasCors(red: NodeAPI): boolean {
  return (red.settings as { httpAdminCors?: unknown }).httpAdminCors !== undefined;
}
