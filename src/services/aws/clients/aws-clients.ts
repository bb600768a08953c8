import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { Connections } from "../../http/connections/connections.ts";
import type { CountedService } from "../../request-counts.ts";
import { prepareS3Client } from "../../s3/client/prepare-client.ts";
import type { AwsService } from "../configuration/endpoints.ts";
import { type ResolvedSettings, resolveSettings, type SettingsOfForm } from "../configuration/resolve-settings.ts";
import { readSharedProfile } from "../configuration/shared-files.ts";
import { type AwsCredentialSettings, credentialProvider } from "../credentials/credential-provider.ts";
import { refreshExpiredCredentials } from "../credentials/refresh-credentials.ts";
import { stsAddress } from "../credentials/sts-roles.ts";
import { abortImmediately } from "./abort-requests.ts";
import { countRequests } from "./count-requests.ts";
import { noteHost } from "./note-host.ts";
import { refusePages } from "./refuse-pages.ts";
import { CONTROL_LIMITS, CREDENTIAL_REQUEST_LIMITS, REQUEST_LIMITS, type RequestLimits } from "./request-limits.ts";
import { retryClockJumps } from "./retry-clock-jumps.ts";
import { scrubErrors } from "./scrub-errors.ts";

/** The settings of an account. What is absent comes from the environment, or from the profile. */
export interface AwsClientSettings extends SettingsOfForm {
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
  #resolved: Promise<ResolvedSettings> | undefined;
  #connections: Connections | undefined;
  #s3: Promise<S3Client> | undefined;
  #ec2: Promise<EC2Client> | undefined;
  #ssm: Promise<SSMClient> | undefined;
  #batch: Promise<BatchClient> | undefined;
  #logs: Promise<CloudWatchLogsClient> | undefined;

  constructor(settings: AwsClientSettings) {
    this.#settings = settings;
  }

  /** @throws PipelineError `AWS_REGION_MISSING` */
  s3(): Promise<S3Client> {
    this.#s3 ??= import("../../../sdk/s3.ts").then(async ({ S3Client }) => {
      const { s3 } = await this.#resolve();
      // The ARN of an access point contains its region.
      const settings = { ...(await this.#common("s3", REQUEST_LIMITS)), ...s3, useArnRegion: true };
      return prepareS3Client(withMiddleware(new S3Client(settings), "s3"));
    });
    return forgetFailure(this.#s3, () => {
      this.#s3 = undefined;
    });
  }

  /** @throws PipelineError `AWS_REGION_MISSING` */
  ec2(): Promise<EC2Client> {
    this.#ec2 ??= import("../../../sdk/ec2.ts").then(async ({ EC2Client }) =>
      withMiddleware(new EC2Client(await this.#common("ec2", CONTROL_LIMITS)), "ec2"),
    );
    return forgetFailure(this.#ec2, () => {
      this.#ec2 = undefined;
    });
  }

  /** @throws PipelineError `AWS_REGION_MISSING` */
  ssm(): Promise<SSMClient> {
    this.#ssm ??= import("../../../sdk/ssm.ts").then(async ({ SSMClient }) =>
      withMiddleware(new SSMClient(await this.#common("ssm", CONTROL_LIMITS)), "ssm"),
    );
    return forgetFailure(this.#ssm, () => {
      this.#ssm = undefined;
    });
  }

  /** @throws PipelineError `AWS_REGION_MISSING` */
  batch(): Promise<BatchClient> {
    this.#batch ??= import("../../../sdk/batch.ts").then(async ({ BatchClient }) =>
      withMiddleware(new BatchClient(await this.#common("batch", CONTROL_LIMITS)), "batch"),
    );
    return forgetFailure(this.#batch, () => {
      this.#batch = undefined;
    });
  }

  /** CloudWatch Logs. @throws PipelineError `AWS_REGION_MISSING` */
  logs(): Promise<CloudWatchLogsClient> {
    this.#logs ??= import("../../../sdk/cloudwatch-logs.ts").then(async ({ CloudWatchLogsClient }) =>
      withMiddleware(new CloudWatchLogsClient(await this.#common("cloudwatch_logs", CONTROL_LIMITS)), "logs"),
    );
    return forgetFailure(this.#logs, () => {
      this.#logs = undefined;
    });
  }

  /** The proxy and the certificates of all requests of the account. */
  async connections(): Promise<Connections> {
    const { caFile } = await this.#resolve();
    this.#connections ??= new Connections({ proxy: this.#settings.proxy, caFile });
    return this.#connections;
  }

  /** Whether S3 has an address of its own: the credentials are then perhaps those of a store that is not AWS. */
  async hasOwnS3(): Promise<boolean> {
    const { s3, ec2 } = (await this.#resolve()).endpoints;
    return s3 !== undefined && s3 !== ec2;
  }

  /** The region of the account. @throws PipelineError `AWS_REGION_MISSING` */
  async region(): Promise<string> {
    return (await this.#resolve()).region;
  }

  /** The address of IAM for this account, and the region of its signatures: IAM has one per partition. */
  async iam(): Promise<{ readonly address: string; readonly region: string }> {
    const { region, endpoints } = await this.#resolve();
    const ofAws = iamOf(region);
    return endpoints.iam === undefined ? ofAws : { ...ofAws, address: endpoints.iam };
  }

  /** The address of STS for this account. */
  async stsAddress(): Promise<string> {
    const { region, endpoints } = await this.#resolve();
    return stsAddress({ region, endpoint: endpoints.sts });
  }

  /** Closes the connections of all clients that were created; requests in flight are aborted. Never rejects. */
  async destroy(): Promise<void> {
    for (const client of await Promise.allSettled([this.#s3, this.#ec2, this.#ssm, this.#batch, this.#logs])) {
      if (client.status === "fulfilled") {
        client.value?.destroy();
      }
    }
    await this.#connections?.destroy();
  }

  async #common(service: Exclude<AwsService, "sts" | "iam">, limits: RequestLimits) {
    const { credentials, credentialsLimitMs } = this.#settings;
    const { region, endpoints } = await this.#resolve();
    const endpoint = endpoints[service];
    const profile = this.#profile();
    const agents = await (await this.connections()).agents();
    const sts = {
      ...{ region, endpoint: endpoints.sts, profile },
      requestHandler: { ...CREDENTIAL_REQUEST_LIMITS, ...agents },
    };
    return {
      region,
      ...(endpoint !== undefined && { endpoint }),
      // The SDK would read those of another profile.
      ignoreConfiguredEndpointUrls: true,
      ...(profile !== undefined && { profile }),
      credentials: credentialProvider(credentials, sts, credentialsLimitMs),
      requestHandler: { ...limits, ...agents },
    };
  }

  #profile(): string | undefined {
    const { source } = this.#settings.credentials;
    return source.kind === "profile" ? source.profile : undefined;
  }

  #resolve(): Promise<ResolvedSettings> {
    this.#resolved ??= readSharedProfile(this.#profile()).then((profile) => resolveSettings(this.#settings, profile));
    return forgetFailure(this.#resolved, () => {
      this.#resolved = undefined;
    });
  }
}

function iamOf(region: string): { readonly address: string; readonly region: string } {
  if (region.startsWith("cn-")) {
    return { address: "https://iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" };
  }
  return region.startsWith("us-gov-")
    ? { address: "https://iam.us-gov.amazonaws.com", region: "us-gov-west-1" }
    : { address: "https://iam.amazonaws.com", region: "us-east-1" };
}

/** A file may be corrected after a failure. */
function forgetFailure<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  promise.catch(forget);
  return promise;
}

/**
 * Adds what the SDK does not do itself: an abort ends a request at once, expired credentials are replaced, a request survives a
 * correction of the machine's date, a web page is not a response, errors are known with their host and do not contain the session token.
 */
function withMiddleware<T extends BatchClient | CloudWatchLogsClient | EC2Client | S3Client | SSMClient>(
  client: T,
  service: CountedService,
): T {
  const counted = countRequests(refusePages(client), service);
  return abortImmediately(scrubErrors(refreshExpiredCredentials(retryClockJumps(noteHost(counted)))));
}
