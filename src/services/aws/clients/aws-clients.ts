import { isIP } from "node:net";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { type AwsCredentialSettings, credentialProvider } from "../credentials/credential-provider.ts";
import { refreshExpiredCredentials } from "../credentials/refresh-credentials.ts";
import { abortImmediately } from "./abort-requests.ts";
import { CONTROL_LIMITS, REQUEST_LIMITS, type RequestLimits } from "./request-limits.ts";
import { retryClockJumps } from "./retry-clock-jumps.ts";
import { scrubErrors } from "./scrub-errors.ts";

/** The region, endpoint and credentials of requests to AWS; the SDK takes absent ones from its own variables and files. */
export interface AwsClientSettings {
  readonly region?: string;
  /** For S3-compatible stores, VPC endpoints and local emulators. */
  readonly endpoint?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; always used for `localhost` and IP addresses. */
  readonly forcePathStyle?: boolean;
  /** Default: `AWS_REQUEST_CHECKSUM_CALCULATION`, the profile, else `WHEN_SUPPORTED`, which some S3-compatible stores refuse. */
  readonly requestChecksums?: "WHEN_SUPPORTED" | "WHEN_REQUIRED";
  readonly credentials: AwsCredentialSettings;
  /** Limit for obtaining credentials in milliseconds; default a minute. */
  readonly credentialsLimitMs?: number;
}

/**
 * One SDK client per service, created on first use: loading `client-ec2` alone takes about 0.2 s and 90 MB, which should not slow down
 * the start of Node-RED.
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
      withMiddleware(new S3Client({ ...(await this.#common(REQUEST_LIMITS)), ...this.#s3Settings() })),
    );
    return this.#s3;
  }

  ec2(): Promise<EC2Client> {
    this.#ec2 ??= import("@aws-sdk/client-ec2").then(async ({ EC2Client }) =>
      withMiddleware(new EC2Client(await this.#common(CONTROL_LIMITS))),
    );
    return this.#ec2;
  }

  ssm(): Promise<SSMClient> {
    this.#ssm ??= import("@aws-sdk/client-ssm").then(async ({ SSMClient }) =>
      withMiddleware(new SSMClient(await this.#common(CONTROL_LIMITS))),
    );
    return this.#ssm;
  }

  /** Closes the connections of all clients that were created; requests in flight are aborted. Never rejects. */
  async destroy(): Promise<void> {
    for (const client of await Promise.allSettled([this.#s3, this.#ec2, this.#ssm])) {
      if (client.status === "fulfilled") {
        client.value?.destroy();
      }
    }
  }

  async #common(requestHandler: RequestLimits) {
    const { region, endpoint, credentialsLimitMs } = this.#settings;
    const location = { region, endpoint };
    const credentials = await credentialProvider(this.#settings.credentials, location, credentialsLimitMs);
    return { ...location, credentials, requestHandler };
  }

  #s3Settings(): S3ClientConfig {
    const { requestChecksums } = this.#settings;
    return {
      forcePathStyle: this.#usesPathStyle(),
      ...(requestChecksums && {
        requestChecksumCalculation: requestChecksums,
        // A store that does not support checksums of requests does not return valid ones either.
        responseChecksumValidation: requestChecksums,
      }),
    };
  }

  #usesPathStyle(): boolean {
    const { forcePathStyle = false, endpoint } = this.#settings;
    const address = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
    return forcePathStyle || (address !== undefined && isLocal(address));
  }
}

/**
 * Adds what the SDK does not do itself: an abort ends a request at once, expired credentials are replaced, a request survives a
 * correction of the machine's date, and errors do not contain the session token.
 */
function withMiddleware<T extends EC2Client | S3Client | SSMClient>(client: T): T {
  return abortImmediately(scrubErrors(refreshExpiredCredentials(retryClockJumps(client))));
}

/** `bucket.localhost` and `bucket.127.0.0.1` do not resolve everywhere. */
function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}
