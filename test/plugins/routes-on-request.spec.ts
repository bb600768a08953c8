import { deepEqual, equal } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { routesOnRequest } from "../../src/plugins/routes-on-request.ts";

describe("the routes of the admin API", () => {
  let added: number;
  let server: Server;

  beforeEach(async () => {
    added = 0;
    const express = createRequire(createRequire(import.meta.url).resolve("node-red"))("express") as () => Express;
    const app = express();
    routesOnRequest({ httpAdmin: app }, () => {
      added += 1;
      app.get("/lightly-aws", (_request, response) => response.send("page"));
      app.get("/lightly-aws/runs/:runId", ({ params }, response) => response.send(params.runId));
    });
    app.get("/flows", (_request, response) => response.send("flows"));
    server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => server.close());

  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    return response.ok ? await response.text() : String(response.status);
  };

  it("are not added by requests of others", async () => {
    deepEqual(await Promise.all(["/flows", "/lightly-awsome"].map(get)), ["flows", "404"]);
    equal(added, 0);
  });

  it("respond to the first request", async () => {
    equal(await get("/lightly-aws/runs/run-1"), "run-1");
  });

  it("are not added, without an error, if Node-RED has no admin API", () => {
    const nothing = (): void => {};
    const stub = { get: nothing, post: nothing, put: nothing, delete: nothing } as unknown as Express;
    routesOnRequest({ httpAdmin: stub }, () => {
      added += 1;
    });
    equal(added, 0);
  });

  it("are added once, whatever the first requests are", async () => {
    const paths = ["/lightly-aws/unknown", "/lightly-aws/runs/run-1", "/lightly-aws", "/lightly-aws/"];
    deepEqual(await Promise.all(paths.map(get)), ["404", "run-1", "page", "page"]);
    equal(added, 1);
  });
});
