import assert from "node:assert/strict";
import { parseAws } from "../../src/instances/aws-arguments.ts";
import { type Running, startRunning } from "./running-sandbox.ts";

describe("aws on an instance", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning({});
    await cloud.boot();
  });
  after(() => cloud.close());

  const PARAMETER = "aws ssm get-parameter --name /prod/lightly-token --with-decryption";

  it("prints Lightly's token like Parameter Store and Secrets Manager", async () => {
    const { token } = cloud.sandbox;
    for (const line of [
      `${PARAMETER} --query Parameter.Value --output text`,
      `/usr/local/bin/${PARAMETER} --query=Parameter.Value --output=text --region eu-central-1`,
      "aws secretsmanager get-secret-value --secret-id lightly --query SecretString --output text",
    ]) {
      assert.equal((await cloud.run(line)).StandardOutputContent, `${token}\n`, line);
    }
    const whole = await cloud.run(PARAMETER);
    assert.equal(JSON.parse(whole.StandardOutputContent ?? "").Parameter.Value, token);
  });

  it("refuses other names and calls", async () => {
    const other = await cloud.run("aws ssm get-parameter --name /prod/database --with-decryption");
    assert.equal(other.ResponseCode, 254);
    assert.match(other.StandardErrorContent ?? "", /ParameterNotFound.*GetParameter/);
    const copy = await cloud.run("aws s3 cp a b");
    assert.notEqual(copy.ResponseCode, 0);
    assert.match(
      copy.StandardErrorContent ?? "",
      /only supports ssm get-parameter and secretsmanager get-secret-value/,
    );
  });
});

describe("the arguments of aws", () => {
  const kind = (line: string): string => {
    const wish = parseAws(line.split(" "));
    return wish.kind === "token" ? wish.operation : wish.message;
  };

  it("must have the name, and request decryption", () => {
    assert.equal(kind("ssm get-parameter --with-decryption --name lightly"), "GetParameter");
    assert.equal(kind("secretsmanager get-secret-value --secret-id my-token"), "GetSecretValue");
    assert.match(kind("ssm get-parameter --with-decryption"), /required: --name/);
    assert.match(kind("ssm get-parameter --name lightly"), /--with-decryption/);
    assert.match(kind("secretsmanager get-secret-value --secret-id db"), /ResourceNotFoundException/);
    assert.match(kind(""), /only/);
  });
});
