import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Starts the server of a process that was forked: with https if its arguments are files with key and certificate. Reports its port. */
export function report(answer: RequestListener): void {
  const [key, cert] = process.argv.slice(2);
  const server =
    key === undefined || cert === undefined
      ? createServer(answer)
      : createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer);
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on("disconnect", () => process.exit());
}
