import type { Request, RequestHandler } from "express";
import type { NodeAPI } from "node-red";
import { requireSameOrigin } from "../require-same-origin.ts";

/**
 * The look-ups of the forms, over Node-RED's admin API:
 * - `GET lightly-aws/lookups/:what?account=ID` uses a deployed account (permission `lightly-aws-lookups.read`).
 * - `POST lightly-aws/lookups/:what` uses an account as it is in the editor, `POST lightly-aws/connection-test` tests it (permission
 *   `lightly-aws-lookups.write`). An account that differs from the deployed one needs `flows.write` as well, because its values may
 *   contain any address and any variable. A user with that permission can send secrets to any address anyway.
 *
 * Errors are `{ code, message }`. No response contains a secret or the value of a variable.
 */
export function addLookupRoutes(red: NodeAPI): void {
  const mayRead = red.auth.needsPermission("lightly-aws-lookups.read");
  const mayWrite = red.auth.needsPermission("lightly-aws-lookups.write");
  const mayDeploy = red.auth.needsPermission("flows.write");
  const sameOrigin = requireSameOrigin(red);
  const requests = () => import("./lookup-requests.ts");
  const readAccount: RequestHandler = (request: Request, response, next) => {
    void requests().then(({ readAccount: read }) => read(red, mayDeploy, request, response, next));
  };

  red.httpAdmin.get("/lightly-aws/lookups/:what", mayRead, (request: Request, response) => {
    void requests().then(({ lookUpDeployed }) => lookUpDeployed(red, request, response));
  });
  red.httpAdmin.post("/lightly-aws/lookups/:what", mayWrite, sameOrigin, readAccount, (request: Request, response) => {
    void requests().then(({ lookUpEdited }) => lookUpEdited(request, response));
  });
  red.httpAdmin.post("/lightly-aws/connection-test", mayWrite, sameOrigin, readAccount, (_request, response) => {
    void requests().then(({ testEdited }) => testEdited(response));
  });
}
