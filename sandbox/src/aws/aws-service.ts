import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsFault } from "./aws-fault.ts";
import type { Payload } from "./payload.ts";

export const SERVICE_NAMES = ["s3", "ec2", "ssm", "sts", "iam", "batch", "logs"] as const;
export type AwsServiceName = (typeof SERVICE_NAMES)[number];

/** The account that everything in the sandbox belongs to. */
export const ACCOUNT_ID = "123456789012";

/** A key pair; the sandbox has one per installation. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who signed a request. */
export interface AwsCaller {
  readonly arn: string;
  readonly userId: string;
}

/** A request whose signature has been verified. */
export interface AwsRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** For the query; the path is normalized (`..` is removed), so S3 reads `message.url` instead. */
  readonly url: URL;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: AwsServiceName;
  readonly caller: AwsCaller;
  /** Also sent as `x-amz-request-id` and `x-amzn-requestid`. */
  readonly requestId: string;
  /** Whether the signature is in the query, as in a presigned URL. */
  readonly presigned: boolean;
  /** The body as a stream, without framing; it fails when it does not match the signature. */
  readonly payload: Payload;
  /** The whole body, already checked; at most 8 MiB. May be called more than once. */
  body(): Promise<Buffer>;
}

/** One of the services behind the sandbox's AWS endpoint. */
export interface AwsService {
  readonly name: AwsServiceName;
  /** Answers the request; an error that it throws is answered by {@link refuse}. */
  handle(request: AwsRequest): Promise<void>;
  /** Writes an error in this service's own format. */
  refuse(response: ServerResponse, error: AwsFault): void;
  /** The operation's AWS name, for faults. Absent: read from `X-Amz-Target` or from the form's `Action`. */
  operation?(request: AwsRequest): string;
  close?(): Promise<void>;
}
