import { deepEqual } from "node:assert/strict";
import { account, choice, list, pairs, secret, text } from "../../src/fields/kinds.ts";
import { unsetValues } from "../../src/fields/unset-values.ts";

const fields = {
  account: account("some-account"),
  kind: choice(["name", "tags"]),
  bucket: text({ typed: "str", required: true }),
  prefix: text({ typed: "str" }),
  name: text({ required: true, when: { kind: ["name"] } }),
  tags: pairs("key", { required: true, when: { kind: ["tags"] } }),
  ids: list({ typed: "str", from: "msg", value: "ec2.ids", required: true }),
  token: secret({ fallback: "TOKEN" }),
};

/** A node with a value for everything. */
const complete = { account: "a", kind: "name", bucket: "b", name: "n", token: "t" };

function unset(changes: object, variables: Record<string, unknown> = {}): string[] {
  const found = unsetValues(fields, { stored: { ...complete, ...changes }, variable: (name) => variables[name] });
  return found.map(({ field, variable }) => (variable === undefined ? field : `${field} ${variable}`));
}

describe("the values that a node needs and does not have", () => {
  it("are none if every required field has a value", () => {
    deepEqual(unset({}), []);
  });

  it("are the blank fields that are required", () => {
    deepEqual(unset({ bucket: " ", name: "", prefix: "" }), ["bucket", "name"]);
  });

  it("are the fields that a flow of an older release does not have", () => {
    deepEqual(unset({ bucket: undefined }), ["bucket"]);
  });

  it("do not include a field that does not apply", () => {
    deepEqual(unset({ kind: "tags", name: "", tags: [{ key: "a", value: "b" }] }), []);
    deepEqual(unset({ kind: "tags", name: "", tags: [] }), ["tags"]);
  });

  it("are accounts that are not chosen, or do not exist", () => {
    deepEqual(unset({ account: "" }), ["account"]);
    const gone = { stored: complete, variable: () => undefined, hasAccount: () => false };
    deepEqual(unsetValues(fields, gone), [{ field: "account" }]);
  });

  it("are the variables of typed fields that are not set", () => {
    deepEqual(unset({ bucket: "BUCKET", bucketType: "env" }), ["bucket BUCKET"]);
    deepEqual(unset({ bucket: "BUCKET", bucketType: "env" }, { BUCKET: "b" }), []);
    deepEqual(unset({ prefix: "PREFIX", prefixType: "env" }), []);
  });

  it("are the variables in a text, each once per field", () => {
    const uri = { prefix: "${A}/x/${B}", prefixType: "env" };
    deepEqual(unset(uri), ["prefix A", "prefix B"]);
    deepEqual(unset(uri, { A: "a", B: "" }), []);
  });

  it("are the variables that Node-RED has not replaced in a text", () => {
    deepEqual(unset({ name: "${NAME}" }), ["name NAME"]);
    deepEqual(unset({ name: "$(NAME)" }), ["name NAME"]);
  });

  it("do not include what comes from the message or JSONata", () => {
    deepEqual(unset({ bucket: "s3.bucket", bucketType: "msg", name: "n" }), []);
    deepEqual(unset({ bucket: "$now()", bucketType: "jsonata" }), []);
  });

  it("are the variable that may replace a blank field", () => {
    deepEqual(unset({ token: "" }), ["token TOKEN"]);
    deepEqual(unset({ token: "" }, { TOKEN: "t" }), []);
  });
});
