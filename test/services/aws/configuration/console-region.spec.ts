import { equal } from "node:assert/strict";
import { consoleRegion } from "../../../../src/services/aws/configuration/console-region.ts";
import { useAwsHome } from "../aws-home.ts";

const CONFIG = `[default]
region = us-west-1
[profile gpu]
region = eu-north-1
[profile store]
region = eu-north-1
endpoint_url = https://store.example.com
[profile vpc]
region = eu-north-1
services = private
[services private]
ec2 =
  endpoint_url = https://vpce-1.example.com
`;

describe("the region of links to the AWS console", () => {
  const home = useAwsHome();
  beforeEach(() => home.write({ config: CONFIG }));

  it("is that of the form, then that of the environment, then that of the profile", async () => {
    equal(await consoleRegion({ profile: "gpu" }), "eu-north-1");
    equal(await consoleRegion({}), "us-west-1");
    home.set({ AWS_PROFILE: "gpu" });
    equal(await consoleRegion({}), "eu-north-1");
    home.set({ AWS_DEFAULT_REGION: "us-east-2" });
    equal(await consoleRegion({ profile: "gpu" }), "us-east-2");
    home.set({ AWS_REGION: "us-east-1" });
    equal(await consoleRegion({ profile: "gpu" }), "us-east-1");
    equal(await consoleRegion({ region: "eu-west-1", profile: "gpu" }), "eu-west-1");
  });

  it("is absent if no region is configured", async () => {
    home.write({ config: "" });
    equal(await consoleRegion({}), undefined);
  });

  it("is absent if the form, the environment or the profile overrides an endpoint", async () => {
    const region = "eu-west-1";
    equal(await consoleRegion({ region, endpoint: "http://localhost" }), undefined);
    equal(await consoleRegion({ region, s3Endpoint: "http://localhost" }), undefined);
    equal(await consoleRegion({ region, profile: "store" }), undefined);
    equal(await consoleRegion({ region, profile: "vpc" }), undefined);
    home.set({ AWS_ENDPOINT_URL_S3: "http://localhost" });
    equal(await consoleRegion({ region }), undefined);
  });

  it("exists if the endpoints of environment and profile are disabled", async () => {
    home.set({ AWS_ENDPOINT_URL: "http://localhost", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" });
    equal(await consoleRegion({ profile: "store" }), "eu-north-1");
  });
});
