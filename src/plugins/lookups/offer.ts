import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import { type Listing, listing } from "../../services/listing.ts";

/** One thing to choose. */
export interface Offer {
  /** What goes into the field. */
  readonly value: string;
  /** What people call it, if that is something else. */
  readonly name?: string;
  /** What else is known of it, in the service's own words: `stopped`, `g4dn.xlarge`. */
  readonly about: readonly string[];
}

/** What a form offers. */
export interface Offers extends Listing<Offer> {
  /** What is missing in it, and why. */
  readonly note?: string;
}

/** What the form's other fields say: the bucket whose prefixes are wanted. */
export type Query = Readonly<Record<string, string>>;

type LookUp<TAccess> = (access: TAccess, query: Query, signal: AbortSignal) => Promise<Offers>;

/** What can be looked up with an AWS account. Services are loaded on first use. */
export const AWS_LOOKUPS: Readonly<Record<string, LookUp<AwsClients>>> = {
  async buckets(clients, _query, signal) {
    const { listBuckets } = await import("../../services/s3/listing/list-buckets.ts");
    return plain(await listBuckets(await clients.s3(), signal));
  },

  async prefixes(clients, { bucket = "", folder = "" }, signal) {
    const { listPrefixes } = await import("../../services/s3/listing/list-prefixes.ts");
    return plain(await listPrefixes({ s3: await clients.s3(), bucket, folder, signal }));
  },

  async instances(clients, _query, signal) {
    const { listInstances } = await import("../../services/ec2/list-instances.ts");
    const [ec2, ssm] = await Promise.all([clients.ec2(), clients.ssm()]);
    const { items, more, agentFault } = await listInstances({ ec2, ssm, signal });
    return {
      items: items.map(({ instanceId, name, state, instanceType, agent }) => ({
        value: instanceId,
        name,
        about: [state, ...(instanceType ? [instanceType] : []), ...(agent ? [`SSM ${agent}`] : [])],
      })),
      more,
      ...(agentFault && { note: agentFault.message }),
    };
  },
};

/** What can be looked up with a Lightly account. */
export const LIGHTLY_LOOKUPS: Readonly<Record<string, LookUp<LightlyClient>>> = {
  async datasets(client, _query, signal) {
    const { listDatasets } = await import("../../services/lightly/datasets/list-datasets.ts");
    const { items, more } = await listDatasets(client, signal);
    return { items: items.map(({ name, type }) => ({ value: name, about: [type] })), more };
  },

  async workers(client, _query, signal) {
    const { listWorkers } = await import("../../services/lightly/workers/list-workers.ts");
    const { items, more } = await listWorkers(client, signal);
    return {
      items: items.map(({ id, name, state, labels }) => ({ value: id, name, about: [state, ...labels] })),
      more,
    };
  },

  async labels(client, _query, signal) {
    const { labelsOf, listWorkers } = await import("../../services/lightly/workers/list-workers.ts");
    const { items, more } = await listWorkers(client, signal);
    return listing(
      labelsOf(items).map(({ label, workers }) => ({ value: label, about: workers })),
      more,
    );
  },
};

function plain({ items, more }: Listing<string>): Offers {
  return { items: items.map((value) => ({ value, about: [] })), more };
}
