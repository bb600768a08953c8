import assert from "node:assert/strict";
import { listRoles } from "../../../../src/services/aws/account/list-roles.ts";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { type HttpServer, serveHttp } from "../../../support/http-server.ts";

const signal = new AbortController().signal;

describe("listRoles", () => {
  let server: HttpServer;
  let clients: AwsClients;
  let asked: URLSearchParams[];
  let answer: (form: URLSearchParams) => { status?: number; body: string };

  before(async () => {
    server = await serveHttp(async (request, response) => {
      const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
      asked.push(form);
      const { status = 200, body } = answer(form);
      response.writeHead(status, { "content-type": "text/xml" }).end(body);
    });
    const credentials = { source: { kind: "keys", accessKeyId: "AKIATEST", secretAccessKey: "secret" } } as const;
    clients = new AwsClients({ region: "eu-central-1", endpoint: server.url, credentials });
  });
  after(async () => {
    await clients.destroy();
    await server.close();
  });
  beforeEach(() => {
    asked = [];
  });

  const list = async () => listRoles({ ec2: await clients.ec2(), ...(await clients.iam()), signal });
  const role = (name: string, ...principals: unknown[]): string => {
    const Statement = principals.map((Principal) => ({ Effect: "Allow", Principal, Action: "sts:AssumeRole" }));
    const policy = encodeURIComponent(JSON.stringify({ Statement }));
    return `<member><Arn>arn:aws:iam::123456789012:role/team/${name}</Arn><RoleName>${name}</RoleName><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`;
  };
  const page = (roles: readonly string[], marker?: string): string =>
    `<ListRolesResponse><ListRolesResult><Roles>${roles.join("")}</Roles><IsTruncated>${marker !== undefined}</IsTruncated>${marker === undefined ? "" : `<Marker>${marker}</Marker>`}</ListRolesResult></ListRolesResponse>`;
  const account = { AWS: "arn:aws:iam::999999999999:root" };

  it("returns the roles that an identity may assume, of all pages, by name", async () => {
    answer = (form) => ({
      body: form.has("Marker")
        ? page([role("annotate", { AWS: ["arn:aws:iam::1:root", "arn:aws:iam::2:root"] }), role("anyone", "*")])
        : page([role("videos", account), role("instance", { Service: "ec2.amazonaws.com" })], "more"),
    });
    const { items, more } = await list();
    assert.deepEqual(
      items.map(({ name }) => name),
      ["annotate", "anyone", "videos"],
    );
    assert.equal(items[2]?.arn, "arn:aws:iam::123456789012:role/team/videos");
    assert.equal(more, false);
    assert.deepEqual(
      asked.map((form) => form.get("Marker")),
      [null, "more"],
    );
  });

  it("leaves out roles for services and for users of other systems, but not a role for both a service and an account", async () => {
    const service = { Service: "lambda.amazonaws.com" };
    const signOn = { Federated: "arn:aws:iam::123456789012:saml-provider/login" };
    answer = () => ({
      body: page([role("service", service), role("sign-on", signOn), role("both", service, account)]),
    });
    assert.deepEqual(
      (await list()).items.map(({ name }) => name),
      ["both"],
    );
  });

  it("stops after 500 roles, and says that there are more", async () => {
    let next = 0;
    answer = () => {
      next += 1;
      return {
        body: page(
          Array.from({ length: 100 }, (_, index) => role(`role-${next}-${index}`, account)),
          `${next}`,
        ),
      };
    };
    const { items, more } = await list();
    assert.deepEqual([items.length, more, asked.length], [500, true, 6]);
  });

  it("names the missing permission", async () => {
    answer = () => ({ status: 403, body: "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>" });
    await assert.rejects(list(), {
      code: "AWS_REQUEST_REFUSED",
      message: /IAM ListRoles, roles: .*Allow iam:ListRoles on all roles/,
    });
  });
});
