import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import { type Listing, listing } from "../../services/listing.ts";

/** An option of a field. */
export interface Offer {
  /** The value for the field. */
  readonly value: string;
  /** A readable name, if there is one besides the value. */
  readonly name?: string;
  /** Further facts in the words of the service: `stopped`, `g4dn.xlarge`. */
  readonly details: readonly string[];
}

/** The options of a field. */
export interface Offers extends Listing<Offer> {
  /** Which details are missing, and why. */
  readonly note?: string;
}

/** The values of other fields of the form, such as the bucket whose prefixes are looked up. */
export type Query = Readonly<Record<string, string>>;

type LookUp<TAccess> = (access: TAccess, query: Query, signal: AbortSignal) => Promise<Offers>;

/** The look-ups of an AWS account. Services are loaded on first use. */
export const AWS_LOOKUPS: Readonly<Record<string, LookUp<AwsClients>>> = {
  async buckets(clients, _query, signal) {
    const { listBuckets } = await import("../../services/s3/listing/list-buckets.ts");
    return plain(await listBuckets(await clients.s3(), signal));
  },

  async prefixes(clients, { bucket = "", folder = "" }, signal) {
    const { listPrefixes } = await import("../../services/s3/listing/list-prefixes.ts");
    return plain(await listPrefixes({ s3: await clients.s3(), bucket, folder, signal }));
  },

  /** The regions of the buckets in the query. */
  async bucketRegions(clients, buckets, signal) {
    const { bucketRegions } = await import("../../services/s3/listing/bucket-regions.ts");
    const { regions, fault } = await bucketRegions(await clients.s3(), Object.values(buckets), signal);
    return {
      items: [...regions].map(([value, details]) => ({ value, details })),
      more: false,
      ...(fault && { note: fault.message }),
    };
  },

  async regions(clients, _query, signal) {
    const { listRegions } = await import("../../services/ec2/list-regions.ts");
    return plain(await listRegions(await clients.ec2(), signal));
  },

  async roles(clients, _query, signal) {
    const { listRoles } = await import("../../services/aws/account/list-roles.ts");
    const { items, more } = await listRoles({ ec2: await clients.ec2(), ...(await clients.iam()), signal });
    return { items: items.map(({ name, arn }) => ({ value: arn, name, details: [] })), more };
  },

  async batchQueues(clients, _query, signal) {
    const { listQueues } = await import("../../services/batch/queue/list-resources.ts");
    return named(await listQueues(await clients.batch(), signal));
  },

  async batchDefinitions(clients, _query, signal) {
    const { listDefinitions } = await import("../../services/batch/queue/list-resources.ts");
    return named(await listDefinitions(await clients.batch(), signal));
  },

  async instances(clients, _query, signal) {
    const { listInstances } = await import("../../services/ec2/list-instances.ts");
    const [ec2, ssm] = await Promise.all([clients.ec2(), clients.ssm()]);
    const { items, more, agentFault } = await listInstances({ ec2, ssm, signal });
    return {
      items: items.map(({ instanceId, name, state, instanceType, agent }) => ({
        value: instanceId,
        name,
        details: [state, ...(instanceType ? [instanceType] : []), ...(agent ? [`SSM ${agent}`] : [])],
      })),
      more,
      ...(agentFault && { note: agentFault.message }),
    };
  },
};

/** The look-ups whose result does not depend on the region of the account. */
export const REGIONLESS_LOOKUPS: readonly string[] = ["regions", "roles"];

/** The look-ups of a Lightly account. */
export const LIGHTLY_LOOKUPS: Readonly<Record<string, LookUp<LightlyClient>>> = {
  async datasets(client, _query, signal) {
    const { listDatasets } = await import("../../services/lightly/datasets/list-datasets.ts");
    const { items, more } = await listDatasets(client, signal);
    return { items: items.map(({ name, type }) => ({ value: name, details: [type] })), more };
  },

  async workers(client, _query, signal) {
    const { listWorkers } = await import("../../services/lightly/workers/list-workers.ts");
    const { items, more } = await listWorkers(client, signal);
    return {
      items: items.map(({ id, name, state, labels }) => ({ value: id, name, details: [state, ...labels] })),
      more,
    };
  },

  async labels(client, _query, signal) {
    const { labelsOf, listWorkers } = await import("../../services/lightly/workers/list-workers.ts");
    const { items, more } = await listWorkers(client, signal);
    return listing(
      labelsOf(items).map(({ label, workers }) => ({ value: label, details: workers })),
      more,
    );
  },
};

function named({ items, more }: Listing<{ readonly name: string; readonly details: readonly string[] }>): Offers {
  return { items: items.map(({ name, details }) => ({ value: name, details })), more };
}

function plain({ items, more }: Listing<string>): Offers {
  return { items: items.map((value) => ({ value, details: [] })), more };
}
