import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Certified } from "../../support/certificates.ts";
import { serveHttp } from "../../support/http-server.ts";

/** The parts of a request that depend on the settings of its sender. */
export interface RecordedRequest {
  /** The first part of the path, which identifies one of several endpoints of one server. */
  readonly place: string;
  readonly path: string;
  readonly host: string;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that stands in for all services of AWS, and records its requests. */
export interface RecordingServer {
  readonly url: string;
  readonly port: number;
  readonly requests: RecordedRequest[];
  /** Set by a test that needs another response. */
  answer: ((request: RecordedRequest, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/** Starts a {@link RecordingServer}: S3 lists no buckets, EC2 no instances, and STS returns any role. */
export async function serveRecorder(tls?: Certified): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const server = await serveHttp(async (message, response) => {
    const request = read(message, await text(message));
    requests.push(request);
    if (recorder.answer) {
      recorder.answer(request, response);
    } else {
      answerAsAws(request, response);
    }
  }, tls);
  const { url, port, close } = server;
  const recorder: RecordingServer = { url, port, requests, answer: undefined, close };
  return recorder;
}

/** The response of the service of a request. */
function answerAsAws({ body, host }: RecordedRequest, response: ServerResponse): void {
  const [, action = ""] = /Action=(\w+)/.exec(body) ?? [];
  if (action.startsWith("AssumeRole")) {
    response.end(role(action));
  } else if (action === "GetCallerIdentity") {
    const identity = "<Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account>";
    response.end(
      `<GetCallerIdentityResponse><GetCallerIdentityResult>${identity}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  } else {
    response.end(host.startsWith("ssm.") ? "{}" : "<ListAllMyBucketsResult/>");
  }
}

function read({ url = "", headers }: IncomingMessage, body: string): RecordedRequest {
  const [, accessKeyId = "", region = "", service = ""] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  const { pathname } = new URL(url, "http://x");
  const host = headers.host ?? "";
  return { place: pathname.split("/")[1] ?? "", path: pathname, host, accessKeyId, region, service, headers, body };
}

function role(action: string): string {
  const credentials =
    "<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>";
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><AssumedRoleUser><AssumedRoleId>A:x</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/x</Arn></AssumedRoleUser><Credentials>${credentials}</Credentials></${action}Result></${action}Response>`;
}
