import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Response } from "express";
import type { NodeAPI } from "node-red";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { pageDocument } from "./page-document.ts";

/** Tests run the sources as ES modules, which have no `__dirname`, from the root of the checkout. */
const HERE = typeof __dirname === "string" ? __dirname : join(process.cwd(), "dist", "plugins", "page");
/** The texts of the page, which the panel has too, in a folder for each language. */
const LOCALES = join(HERE, "..", "lightly-aws", "locales");

/**
 * The full page of the Runs view: `GET lightly-aws/` is the page, `GET lightly-aws/texts/:language` its texts. Both are the same for
 * all users, and need no permission: a browser opens a page without an access token. The page then uses the token of the editor, and
 * requests all data from the other endpoints, which check permissions.
 */
export function addPageRoutes(red: NodeAPI): void {
  red.httpAdmin.get("/lightly-aws", (request, response) => {
    const [path = "", query] = request.originalUrl.split("?");
    if (!path.endsWith("/")) {
      // Relative, because a proxy may have changed the path. The page's own addresses are relative to its folder.
      response.redirect(301, `lightly-aws/${query === undefined ? "" : `?${query}`}`);
      return;
    }
    send(response, "html", async () => pageDocument(await readFile(join(HERE, "runs-page.html"), "utf8")));
  });

  red.httpAdmin.get("/lightly-aws/texts/:language", ({ params: { language = "" } }, response) => {
    send(response, "json", async () =>
      readFile(join(LOCALES, closest(language, await readdir(LOCALES)), "lightly-aws.json"), "utf8"),
    );
  });
}

/** The available language that is closest to a requested one, such as `de` to `de-AT`; `en-US` if there is none. */
function closest(requested: string, available: readonly string[]): string {
  const wanted = requested.toLowerCase();
  const [language] = wanted.split(/[-_]/);
  return (
    available.find((one) => one.toLowerCase() === wanted) ??
    available.find((one) => one.toLowerCase().split("-")[0] === language) ??
    "en-US"
  );
}

function send(response: Response, type: "html" | "json", read: () => Promise<string>): void {
  read().then(
    (text) => {
      // Revalidated with its ETag, so that an update of the package is used at once.
      response.set({
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
      });
      response.type(type).send(text);
    },
    (error: unknown) => response.status(500).json({ code: "INTERNAL", message: toPipelineError(error).message }),
  );
}
