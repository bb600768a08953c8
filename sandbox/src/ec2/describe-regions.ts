import { refuseDryRun } from "./dry-run.ts";
import type { XmlValue } from "./ec2-xml.ts";
import type { Query } from "./form-query.ts";

/** The regions that are enabled in every new account. */
const ENABLED = [
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
  ...["ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"],
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2"],
];

/** DescribeRegions without filters: the regions that are enabled for the account. */
export function describeRegions(query: Query, region: string): Record<string, XmlValue> {
  refuseDryRun(query);
  return {
    regionInfo: [...new Set([...ENABLED, region])].map((regionName) => ({
      regionName,
      regionEndpoint: `ec2.${regionName}.amazonaws.com`,
      optInStatus: "opt-in-not-required",
    })),
  };
}
