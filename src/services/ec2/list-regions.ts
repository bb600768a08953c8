import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeRegionsCommand } from "../../sdk/ec2.ts";
import { type Listing, listing } from "../listing.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/**
 * Lists the regions that are enabled for the account.
 *
 * @returns their names in alphabetical order
 * @throws PipelineError `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listRegions(ec2: EC2Client, signal: AbortSignal): Promise<Listing<string>> {
  try {
    const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}), { abortSignal: signal });
    return listing(Regions.flatMap(({ RegionName }) => RegionName ?? []).sort());
  } catch (error) {
    throw mapEc2Error(error, { action: "ec2:DescribeRegions", resource: "regions" });
  }
}
