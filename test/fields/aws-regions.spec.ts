import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { AWS_REGIONS, suggestFrom } from "../../src/fields/aws-regions.ts";

/** The endpoint rules of the SDK: the only list of regions that is updated with it. */
async function regionsOfSdk(...partitions: readonly string[]): Promise<string[]> {
  const { partitionsInfo } = await import(
    join(
      createRequire(import.meta.url).resolve("@aws-sdk/core/package.json"),
      "../dist-es/submodules/client/util-endpoints/lib/aws/partitions.js",
    )
  );
  const all = partitionsInfo.partitions as readonly { readonly id: string; readonly regions: object }[];
  return all
    .filter(({ id }) => partitions.includes(id))
    .flatMap(({ regions }) => Object.keys(regions).sort())
    .filter((region) => !region.endsWith("-global"));
}

describe("the known regions", () => {
  it("are those of the SDK for AWS, China and the US government", async () => {
    assert.deepEqual(AWS_REGIONS, await regionsOfSdk("aws", "aws-cn", "aws-us-gov"));
  });

  it("are suggested by a part of their name", () => {
    assert.deepEqual(suggestFrom(AWS_REGIONS)(" EU-C"), ["eu-central-1", "eu-central-2"]);
  });
});
