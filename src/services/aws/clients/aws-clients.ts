import { isIP } from "node:net";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { type AwsCredentialSettings, credentialProvider } from "../credentials/credential-provider.ts";
import { refreshExpiredCredentials } from "../credentials/refresh-credentials.ts";
import { abortImmediately } from "./abort-requests.ts";
import { CONTROL_LIMITS, REQUEST_LIMITS, type RequestLimits } from "./request-limits.ts";
import { retryClockJumps } from "./retry-clock-jumps.ts";
import { scrubErrors } from "./scrub-errors.ts";

/** Where and as whom to call AWS; what is absent the SDK finds in its own variables and files. */
export interface AwsClientSettings {
  readonly region?: string;
  /** For S3-compatible stores, VPC endpoints and local stand-ins. */
  readonly endpoint?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; taken by itself for endpoints on this machine. */
  readonly forcePathStyle?: boolean;
  readonly credentials: AwsCredentialSettings;
  /** How long credentials may take to come, in milliseconds. Default a minute. */
  readonly credentialsLimitMs?: number;
}

/**
 * Lends one SDK client per service, made on first use: `client-ec2` alone takes about 0.2 s and 90 MB to load, which nobody should
 * pay at Node-RED's start.
 */
export class AwsClients {
  readonly #settings: AwsClientSettings;
  #s3: Promise<S3Client> | undefined;
  #ec2: Promise<EC2Client> | undefined;
  #ssm: Promise<SSMClient> | undefined;

  constructor(settings: AwsClientSettings) {
    this.#settings = settings;
  }

  s3(): Promise<S3Client> {
    this.#s3 ??= import("@aws-sdk/client-s3").then(async ({ S3Client }) =>
      tended(new S3Client({ ...(await this.#common(REQUEST_LIMITS)), forcePathStyle: this.#usesPathStyle() })),
    );
    return this.#s3;
  }

  ec2(): Promise<EC2Client> {
    this.#ec2 ??= import("@aws-sdk/client-ec2").then(async ({ EC2Client }) =>
      tended(new EC2Client(await this.#common(CONTROL_LIMITS))),
    );
    return this.#ec2;
  }

  ssm(): Promise<SSMClient> {
    this.#ssm ??= import("@aws-sdk/client-ssm").then(async ({ SSMClient }) =>
      tended(new SSMClient(await this.#common(CONTROL_LIMITS))),
    );
    return this.#ssm;
  }

  /** Closes the connections of all clients that were made; requests in flight are cut off. Never rejects. */
  async destroy(): Promise<void> {
    for (const made of await Promise.allSettled([this.#s3, this.#ec2, this.#ssm])) {
      if (made.status === "fulfilled") {
        made.value?.destroy();
      }
    }
  }

  async #common(requestHandler: RequestLimits) {
    const { region, endpoint, credentialsLimitMs } = this.#settings;
    const place = { region, endpoint };
    const credentials = await credentialProvider(this.#settings.credentials, place, credentialsLimitMs);
    return { ...place, credentials, requestHandler };
  }

  #usesPathStyle(): boolean {
    const { forcePathStyle = false, endpoint } = this.#settings;
    const address = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
    return forcePathStyle || (address !== undefined && isLocal(address));
  }
}

/**
 * What the SDK does not do by itself: the abort of a request ends it at once, credentials that have expired are asked for again, and a
 * date that was mended fails no request.
 */
function tended<T extends EC2Client | S3Client | SSMClient>(client: T): T {
  return abortImmediately(scrubErrors(refreshExpiredCredentials(retryClockJumps(client))));
}

/** `bucket.localhost` and `bucket.127.0.0.1` do not resolve everywhere. */
function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}
