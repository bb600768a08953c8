import assert from "node:assert/strict";
import { redact } from "../../src/errors/redact.ts";
import { leastProcessorMs } from "../support/processor-time.ts";

describe("redact", () => {
  for (const [what, text, clean] of [
    [
      "a token in a query",
      "GET https://api.test/v1/users?token=abc123&x=1",
      "GET https://api.test/v1/users?token=***&x=1",
    ],
    ["a token behind others", "/v1?x=1&token=abc123", "/v1?x=1&token=***"],
    ["whatever the case", "/v1?TOKEN=abc123", "/v1?TOKEN=***"],
    ["an API key in a query", "/v1?apiKey=abc&api_key=def", "/v1?apiKey=***&api_key=***"],
    [
      "a signed URL",
      "https://b.test/k?X-Amz-Credential=AK%2F1&X-Amz-Date=2026&X-Amz-Security-Token=st&X-Amz-Signature=ff00",
      "https://b.test/k?X-Amz-Credential=***&X-Amz-Date=2026&X-Amz-Security-Token=***&X-Amz-Signature=***",
    ],
    [
      "an old signed URL",
      "/k?AWSAccessKeyId=AK&Signature=s%3D&Expires=1",
      "/k?AWSAccessKeyId=***&Signature=***&Expires=1",
    ],
    [
      "signed URLs of other stores",
      "https://g.test/k?X-Goog-Credential=c&X-Goog-Signature=ff and https://a.test/k?sv=1&sig=x%2B",
      "https://g.test/k?X-Goog-Credential=***&X-Goog-Signature=*** and https://a.test/k?sv=1&sig=***",
    ],
    [
      "credentials in a URL",
      "connect http://user:pa55@proxy.test:8080/ failed",
      "connect http://***@proxy.test:8080/ failed",
    ],
    ["a variable of a traced command", "+ docker run -e LIGHTLY_TOKEN=abc123 x", "+ docker run -e LIGHTLY_TOKEN=*** x"],
    [
      "a quoted variable",
      `LIGHTLY_TOKEN='a b' AWS_SECRET_ACCESS_KEY="c d" X=1`,
      "LIGHTLY_TOKEN=*** AWS_SECRET_ACCESS_KEY=*** X=1",
    ],
    [
      "a setting of a credentials file",
      "aws_secret_access_key = c/d+e\naws_session_token=f, region = x",
      "aws_secret_access_key = ***\naws_session_token=***, region = x",
    ],
    ["a header", "authorization: Bearer abc.def-123", "authorization: ***"],
    [
      "a session token's header",
      "x-amz-security-token: IQoJb3JpZ2luX2VjEA==\nhost: b",
      "x-amz-security-token: ***\nhost: b",
    ],
    [
      "a session token of a canonical request",
      "host:b\nx-amz-security-token:IQoJ/+=\n",
      "host:b\nx-amz-security-token:***\n",
    ],
    ["a proxy's header", "Proxy-Authorization: Basic dTpw", "Proxy-Authorization: ***"],
    ["cookies", "Cookie: a=b; c=d\nSet-Cookie: e=f; Path=/", "Cookie: ***\nSet-Cookie: ***"],
    [
      "the key that encrypts an object",
      "x-amz-server-side-encryption-customer-key: c2VjcmV0\nx-amz-server-side-encryption-customer-algorithm: AES256",
      "x-amz-server-side-encryption-customer-key: ***\nx-amz-server-side-encryption-customer-algorithm: AES256",
    ],
    [
      "headers as JSON",
      '{"x-amz-security-token":"IQoJ","Authorization":"AWS4-HMAC-SHA256 Credential=AK/1","host":"b"}',
      '{"x-amz-security-token":"***","Authorization":"***","host":"b"}',
    ],
    [
      "headers as JSON inside JSON",
      '{"headers":"{\\"x-api-key\\":\\"abc\\",\\"host\\":\\"b\\"}"}',
      '{"headers":"{\\"x-api-key\\":\\"***\\",\\"host\\":\\"b\\"}"}',
    ],
    [
      "headers as Node.js prints them",
      "{ authorization: 'abc', 'x-api-key': 'abc', 'set-cookie': [ 'a=b', 'c=d' ], host: 'b' }",
      "{ authorization: '***', 'x-api-key': '***', 'set-cookie': [***], host: 'b' }",
    ],
    [
      "headers as a list of names and values",
      "[ 'X-Amz-Security-Token', 'IQoJ', 'Host', 'b' ]",
      "[ 'X-Amz-Security-Token', '***', 'Host', 'b' ]",
    ],
    [
      "credentials as Node.js prints them",
      "{ accessKeyId: 'AK', secretAccessKey: 'abc/+', sessionToken: 'IQoJ' }",
      "{ accessKeyId: 'AK', secretAccessKey: '***', sessionToken: '***' }",
    ],
    [
      "credentials as JSON",
      '{"SecretAccessKey":"abc","SessionToken":"IQ"}',
      '{"SecretAccessKey":"***","SessionToken":"***"}',
    ],
    ["a signed header", "Authorization: AWS4-HMAC-SHA256 Credential=AK/1, Signature=ff", "Authorization: ***"],
  ] as const) {
    it(`removes ${what}`, () => {
      assert.equal(redact(text), clean);
    });
  }

  it("removes several secrets", () => {
    assert.equal(redact("a?token=1 b?token=2"), "a?token=*** b?token=***");
  });

  it("does not change anything else", () => {
    for (const text of [
      "",
      "The security token included in the request is invalid.",
      "Waited 15 min for instance i-0123456789abcdef0 to run. The last state was: pending.",
      "s3://bucket/videos/a@b.mp4",
      "https://www.pexels.com/video/1234/?tokens=1&page=2",
      "user@host.test",
      "worker.worker_id=0123456789abcdef01234567",
      "The token: none is set. No cookie, no authorization:",
      '"token" must be a text, but is 5.',
      "NO_CAPACITY: asked 4 times",
    ]) {
      assert.equal(redact(text), text);
    }
  });

  it("is fast for long texts that almost match", () => {
    const text = `${"http://".repeat(20_000)}${"?token".repeat(20_000)}${"TOKEN".repeat(20_000)}`;
    assert.ok(leastProcessorMs(() => redact(text), 2000) < 2000);
  });
});
