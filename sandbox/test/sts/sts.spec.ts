import assert from "node:assert/strict";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { issueTemporaryCredentials } from "../../src/aws/temporary-credentials.ts";
import { CREDENTIALS, fault, REGION, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, type RawRequest, send } from "../aws/raw-request.ts";

const ROLE = { arn: "arn:aws:iam::123456789012:role/lightly-access", externalId: "sandbox-external-id" };

describe("sandbox sts", () => {
  let aws: RunningAws;
  before(async () => {
    aws = await startAws({ roles: [ROLE] });
  });
  after(() => aws.close());

  const assume = (RoleArn: string, ExternalId: string | undefined) =>
    fromTemporaryCredentials({
      params: { RoleArn, RoleSessionName: "test-session", ...(ExternalId === undefined ? {} : { ExternalId }) },
      masterCredentials: CREDENTIALS,
      clientConfig: { region: REGION, endpoint: aws.endpoint },
    });
  const call = (form: Record<string, string>, request: Partial<RawRequest> = {}) =>
    send(aws.endpoint, {
      method: "POST",
      path: "/",
      service: "sts",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ Version: "2011-06-15", ...form }).toString(),
      ...request,
    });

  it("returns credentials of a role that S3 accepts", async () => {
    const s3 = aws.s3({ credentials: assume(ROLE.arn, ROLE.externalId) });
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  });

  it("returns the caller: the user, or the assumed role with its session", async () => {
    const user = await call({ Action: "GetCallerIdentity" });
    assert.match(user.body, /<Arn>arn:aws:iam::123456789012:user\/sandbox<\/Arn>.*<Account>123456789012<\/Account>/);
    const { accessKeyId, secretAccessKey, sessionToken = "" } = await assume(ROLE.arn, ROLE.externalId)();
    const role = await call(
      { Action: "GetCallerIdentity" },
      { credentials: { accessKeyId, secretAccessKey, sessionToken } },
    );
    assert.match(role.body, /<Arn>arn:aws:sts::123456789012:assumed-role\/lightly-access\/test-session<\/Arn>/);
  });

  it("refuses an unknown role and a missing or wrong external id", async () => {
    const other = "arn:aws:iam::123456789012:role/other";
    for (const provider of [
      assume(other, ROLE.externalId),
      assume(ROLE.arn, undefined),
      assume(ROLE.arn, "wrong-id"),
    ]) {
      await assert.rejects(provider(), fault("AccessDenied", 403));
    }
  });

  it("refuses the same input as STS", async () => {
    const good = { Action: "AssumeRole", RoleArn: ROLE.arn, RoleSessionName: "session", ExternalId: ROLE.externalId };
    const wrongOnes: Record<string, string>[] = [
      { RoleArn: "lightly-access" },
      { RoleSessionName: "x" },
      { RoleSessionName: "a b" },
      { ExternalId: "x" },
      { DurationSeconds: "899" },
      { DurationSeconds: "43201" },
    ];
    for (const wrong of wrongOnes) {
      const answer = await call({ ...good, ...wrong });
      assert.deepEqual([codeOf(answer), answer.status], ["ValidationError", 400], JSON.stringify(wrong));
    }
    assert.equal((await call(good)).status, 200);
    assert.equal(codeOf(await call({ Action: "GetSessionToken" })), "InvalidAction");
  });

  it("accepts temporary credentials only complete, unchanged, and until they expire", async () => {
    const caller = { arn: "arn:aws:sts::123456789012:assumed-role/lightly-access/test", userId: "AROA:test" };
    const valid = issueTemporaryCredentials(CREDENTIALS, caller, new Date(Date.now() + 60_000));
    const { sessionToken, accessKeyId, secretAccessKey } = valid;
    const list = async (credentials: NonNullable<RawRequest["credentials"]>) => {
      const answer = await send(aws.endpoint, { path: "/", credentials });
      return answer.status === 200 ? "" : codeOf(answer);
    };
    assert.equal(await list(valid), "");
    assert.equal(await list({ accessKeyId, secretAccessKey }), "InvalidAccessKeyId");
    assert.equal(await list({ ...valid, accessKeyId: CREDENTIALS.accessKeyId }), "InvalidToken");
    assert.equal(await list({ ...valid, sessionToken: `x${sessionToken}` }), "InvalidToken");
    assert.equal(await list({ ...valid, secretAccessKey: "x" }), "SignatureDoesNotMatch");
    const expired = issueTemporaryCredentials(CREDENTIALS, caller, new Date(Date.now() - 1));
    assert.equal(await list(expired), "ExpiredToken");
  });
});
