import assert from "node:assert/strict";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

const UNKNOWN_KEY = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" };
const WRONG_SECRET = { AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

/** The identity of callers, and the errors of refused callers in each service. */
export async function judgeCredentials({ tally, sandbox }: Setup, cli: Cli): Promise<void> {
  await tally.check("sts get-caller-identity names the account and the caller", async () => {
    const caller = await cli.json<{ Account: string; Arn: string; UserId: string }>(["sts", "get-caller-identity"]);
    assert.match(caller.Account, /^\d{12}$/);
    assert.ok(caller.Arn.startsWith(`arn:aws:iam::${caller.Account}:`), caller.Arn);
    assert.ok(caller.UserId.length > 0);
  });
  const s3 = ["s3api", "list-buckets"];
  const ec2 = ["ec2", "describe-instances"];
  const ssm = ["ssm", "describe-instance-information"];
  const sts = ["sts", "get-caller-identity"];
  const unknownKey = [
    ["S3", s3, "InvalidAccessKeyId"],
    ["EC2", ec2, "AuthFailure"],
    ["SSM", ssm, "UnrecognizedClientException"],
    ["STS", sts, "InvalidClientTokenId"],
  ] as const;
  for (const [service, args, code] of unknownKey) {
    await tally.check(`${service} refuses an unknown access key with ${code}`, () =>
      cli.refused(args, code, UNKNOWN_KEY),
    );
  }
  const wrongSecret = [
    ["S3", s3, "SignatureDoesNotMatch"],
    ["EC2", ec2, "AuthFailure"],
    ["SSM", ssm, "InvalidSignatureException"],
    ["STS", sts, "SignatureDoesNotMatch"],
  ] as const;
  for (const [service, args, code] of wrongSecret) {
    await tally.check(`${service} refuses a wrong secret with ${code}`, () => cli.refused(args, code, WRONG_SECRET));
  }
  await tally.check("a forged session token is refused", () =>
    cli.refused(ec2, "AuthFailure", { AWS_SESSION_TOKEN: "invented" }),
  );
  await tally.check("a client of another region follows the bucket's region", async () => {
    const args = ["s3api", "list-objects-v2", "--bucket", sandbox.buckets.input, "--debug"];
    const { stdout, stderr } = await cli.start(args, { AWS_REGION: "us-west-2", AWS_DEFAULT_REGION: "us-west-2" });
    assert.match(stderr, /<Code>AuthorizationHeaderMalformed<\/Code>/);
    assert.match(stdout, /"Prefix": ""/);
  });
}
