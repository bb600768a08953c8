import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { HeadBucketCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type AwsClientSettings, AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { useAwsHome } from "../aws-home.ts";
import { type RecordedRequest, type RecordingServer, serveRecorder } from "../recording-server.ts";

const KEYS = { kind: "keys", accessKeyId: "AKIDFORM", secretAccessKey: "secret" } as const;
const CHAIN = { kind: "chain" } as const;
const ROLE = { arn: "arn:aws:iam::123456789012:role/pipeline" };
const profile = (name: string) => ({ kind: "profile", profile: name }) as const;

describe("the settings of an AWS account", () => {
  const home = useAwsHome();
  let server: RecordingServer;
  let clients: AwsClients;

  before(async () => {
    server = await serveRecorder();
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answer = undefined;
  });
  afterEach(() => clients.destroy());
  after(() => server.close());

  /** An endpoint of the server that identifies its requests. */
  const at = (place: string): string => `${server.url}/${place}`;
  const keysOf = (name: string): string =>
    `[${name}]\naws_access_key_id = AKID${name.toUpperCase()}\naws_secret_access_key = x\n`;

  async function listBuckets(settings: AwsClientSettings): Promise<RecordedRequest> {
    clients = new AwsClients(settings);
    await (await clients.s3()).send(new ListBucketsCommand({}));
    return lastRequest();
  }

  function lastRequest(): RecordedRequest {
    const last = server.requests.at(-1);
    if (last === undefined) {
      throw new Error("There was no request.");
    }
    return last;
  }

  describe("region", () => {
    const CONFIG = "[default]\nregion = us-east-1\n[profile gpu]\nregion = eu-west-3\n[profile bare]\noutput = json\n";
    beforeEach(() => home.write({ config: CONFIG, credentials: ["default", "gpu", "bare"].map(keysOf).join("") }));

    for (const [what, settings, variables, expected] of [
      ["the chosen profile's own", { credentials: { source: profile("gpu") } }, {}, "eu-west-3"],
      [
        "the form's",
        { region: "ap-south-1", credentials: { source: profile("gpu") } },
        { AWS_REGION: "sa-east-1" },
        "ap-south-1",
      ],
      [
        "AWS_REGION",
        { credentials: { source: profile("gpu") } },
        { AWS_REGION: "ap-south-2", AWS_DEFAULT_REGION: "ap-east-1" },
        "ap-south-2",
      ],
      [
        "AWS_DEFAULT_REGION",
        { credentials: { source: profile("gpu") } },
        { AWS_REGION: "", AWS_DEFAULT_REGION: "ap-east-1" },
        "ap-east-1",
      ],
      ["that of the profile in AWS_PROFILE", { credentials: { source: CHAIN } }, { AWS_PROFILE: "gpu" }, "eu-west-3"],
      ["that of the profile default", { credentials: { source: CHAIN } }, {}, "us-east-1"],
    ] as const) {
      it(`is ${what}`, async () => {
        home.set(variables);
        equal((await listBuckets({ endpoint: server.url, ...settings })).region, expected);
      });
    }

    it("is never that of another profile: the error names the chosen one and the files", async () => {
      clients = new AwsClients({ credentials: { source: profile("bare") } });
      await rejects(clients.ec2(), ({ code, message }: NodeJS.ErrnoException) => {
        equal(code, "AWS_REGION_MISSING");
        match(
          message,
          /AWS_DEFAULT_REGION are not set, and the profile "bare" in .*config or .*credentials has no region/,
        );
        return true;
      });
    });

    it("is read again after a failure, so that a corrected file is used", async () => {
      clients = new AwsClients({ endpoint: server.url, credentials: { source: profile("bare") } });
      await rejects(clients.s3(), { code: "AWS_REGION_MISSING" });
      home.write({ config: `${CONFIG}region = eu-north-1\n` });
      await (await clients.s3()).send(new ListBucketsCommand({}));
      equal(lastRequest().region, "eu-north-1");
    });
  });

  describe("endpoint", () => {
    const SERVICES = "services = local\n";
    const config = (): string =>
      [
        `[default]\nregion = us-east-1\nendpoint_url = ${at("default")}`,
        `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${at("gpu")}`,
        `[profile split]\nregion = eu-west-3\nendpoint_url = ${at("split")}\n${SERVICES}`,
        `[services local]\ns3 =\n  endpoint_url = ${at("split-s3")}\nsts =\n  endpoint_url = ${at("split-sts")}`,
        `[profile plain]\nregion = eu-west-3`,
        `[profile role]\nregion = eu-west-3\nrole_arn = ${ROLE.arn}\nsource_profile = gpu\n${SERVICES}`,
        "",
      ].join("\n");
    beforeEach(() =>
      home.write({ config: config(), credentials: ["default", "gpu", "split", "plain"].map(keysOf).join("") }),
    );

    /** The endpoints that S3, EC2 and STS have used. */
    async function places(settings: AwsClientSettings): Promise<string[]> {
      await listBuckets(settings);
      await (await clients.ec2()).send(new DescribeInstancesCommand({}));
      return server.requests.map(({ place, service }) => `${service} at ${place}`);
    }

    it("is the chosen profile's own", async () => {
      const { place, accessKeyId } = await listBuckets({ credentials: { source: profile("gpu") } });
      deepEqual([place, accessKeyId], ["gpu", "AKIDGPU"]);
    });

    it("is never that of the profile default when another one was chosen", async () => {
      clients = new AwsClients({ credentials: { source: profile("plain") } });
      const { config: of } = await clients.ec2();
      deepEqual([of.endpoint, of.ignoreConfiguredEndpointUrls], [undefined, true]);
    });

    it("is that of the service in the profile's services section", async () => {
      deepEqual(await places({ credentials: { source: profile("split") } }), ["s3 at split-s3", "ec2 at split"]);
    });

    it("is that of STS in the services section for the role of a profile", async () => {
      await listBuckets({ credentials: { source: profile("role") } });
      deepEqual(
        server.requests.map(({ place, service, region, accessKeyId }) => [place, service, region, accessKeyId]),
        [
          ["split-sts", "sts", "eu-west-3", "AKIDGPU"],
          ["split-s3", "s3", "eu-west-3", "ASIAROLE"],
        ],
      );
    });

    it("comes from the environment before the profile, and from the service's own setting before the common one", async () => {
      home.set({ AWS_ENDPOINT_URL: at("common"), AWS_ENDPOINT_URL_S3: at("own") });
      deepEqual(await places({ credentials: { source: profile("split") } }), ["s3 at own", "ec2 at common"]);
    });

    it("is not read from the environment and the profile if they are disabled", async () => {
      home.set({ AWS_ENDPOINT_URL: at("common"), AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" });
      const { place } = await listBuckets({ endpoint: at("form"), credentials: { source: profile("gpu") } });
      equal(place, "form");
      await clients.destroy();
      clients = new AwsClients({ credentials: { source: profile("gpu") } });
      equal((await clients.s3()).config.endpoint, undefined);
    });

    it("that is not a web address is refused, with the place where it is set", async () => {
      for (const [variables, split, place] of [
        [{ AWS_ENDPOINT_URL: "localhost:4566" }, at("s3"), "AWS_ENDPOINT_URL"],
        [{ AWS_ENDPOINT_URL_S3: "store.example.com", AWS_ENDPOINT_URL: at("s3") }, at("s3"), "AWS_ENDPOINT_URL_S3"],
        [{ AWS_ENDPOINT_URL_S3: "", AWS_ENDPOINT_URL: "" }, "store.example.com", 'endpoint_url of profile "split"'],
      ] as const) {
        home.set(variables);
        home.write({
          config: `[profile split]\nregion = x\n${SERVICES}[services local]\ns3 =\n  endpoint_url = ${split}\n`,
        });
        clients = new AwsClients({ credentials: { source: profile("split") } });
        await rejects(clients.s3(), ({ code, message }: NodeJS.ErrnoException) => {
          equal(code, "INPUT_INVALID");
          match(message, new RegExp(`^The endpoint in ${place} is not a valid address`));
          return true;
        });
      }
    });

    it("is not looked for elsewhere if the services section does not exist, as in the AWS CLI", async () => {
      home.write({ config: `[profile split]\nregion = x\nendpoint_url = ${at("split")}\n${SERVICES}` });
      clients = new AwsClients({ credentials: { source: profile("split") } });
      await rejects(clients.s3(), { code: "INPUT_INVALID", message: /section \[services local\], which is not in/ });
    });

    it("of S3 alone receives neither EC2 nor the request for a role", async () => {
      home.set({ AWS_ENDPOINT_URL: at("common") });
      const settings = { region: "eu-west-3", s3Endpoint: at("store"), credentials: { source: KEYS, role: ROLE } };
      deepEqual(await places(settings), ["sts at common", "s3 at store", "sts at common", "ec2 at common"]);
    });

    it("of STS in the environment wins over the form's common one", async () => {
      home.set({ AWS_ENDPOINT_URL_STS: at("sts") });
      const settings = { region: "eu-west-3", endpoint: at("form"), credentials: { source: KEYS, role: ROLE } };
      deepEqual(await places(settings), ["sts at sts", "s3 at form", "sts at sts", "ec2 at form"]);
    });
  });

  describe("S3", () => {
    const settings = (lines: string): void =>
      home.write({
        config: `[default]\n[profile store]\nregion = eu-west-3\n${lines}\n`,
        credentials: keysOf("store"),
      });
    const source = profile("store");
    const pathOfBucket = async (account: Partial<AwsClientSettings> = {}): Promise<string> => {
      clients = new AwsClients({ credentials: { source }, ...account });
      const s3 = await clients.s3();
      return String(s3.config.forcePathStyle);
    };

    it("has the bucket in the path if the profile sets it", async () => {
      settings("s3 =\n  addressing_style = path");
      equal(await pathOfBucket(), "true");
    });

    it("has the bucket in the path at an endpoint of the profile, as the AWS CLI does, unless the profile says virtual", async () => {
      settings("endpoint_url = https://store.example.com");
      equal(await pathOfBucket(), "true");
      settings("endpoint_url = https://store.example.com\ns3 =\n  addressing_style = virtual");
      equal(await pathOfBucket(), "false");
    });

    it("follows the form at an endpoint of the form", async () => {
      settings("");
      equal(await pathOfBucket({ s3Endpoint: "https://store.example.com" }), "false");
      equal(await pathOfBucket({ s3Endpoint: "https://store.example.com", forcePathStyle: true }), "true");
      equal(await pathOfBucket({ s3Endpoint: "http://127.0.0.1:9000" }), "true");
    });

    it("sends checksums according to the profile", async () => {
      settings(`endpoint_url = ${server.url}\nrequest_checksum_calculation = when_required`);
      clients = new AwsClients({ credentials: { source } });
      const put = new PutObjectCommand({ Bucket: "videos", Key: "a", Body: "frames" });
      await (await clients.s3()).send(put);
      equal(lastRequest().headers["x-amz-checksum-crc32"], undefined);
      equal(lastRequest().path, "/videos/a");
      settings(`endpoint_url = ${server.url}\nrequest_checksum_calculation = when_supported`);
      await clients.destroy();
      clients = new AwsClients({ credentials: { source } });
      await (await clients.s3()).send(put);
      match(String(lastRequest().headers["x-amz-checksum-crc32"]), /=$/);
    });

    for (const [lines, host] of [
      ["use_fips_endpoint = true", "videos.s3-fips.us-west-2.amazonaws.com"],
      ["use_dualstack_endpoint = true", "videos.s3.dualstack.us-west-2.amazonaws.com"],
      ["s3 =\n  use_dualstack_endpoint = true", "videos.s3.dualstack.us-west-2.amazonaws.com"],
      ["s3 =\n  use_accelerate_endpoint = true", "videos.s3-accelerate.amazonaws.com"],
    ] as const) {
      it(`uses ${host} with the profile setting ${lines.replace(/\s+/g, " ")}`, async () => {
        home.write({
          config: `[default]\n[profile store]\nregion = us-west-2\n${lines}\n`,
          credentials: keysOf("store"),
        });
        clients = new AwsClients({ credentials: { source } });
        const s3 = await clients.s3();
        let asked = "";
        s3.middlewareStack.add(
          () => async (args) => {
            asked = (args.request as { hostname: string }).hostname;
            throw new Error("not sent");
          },
          { step: "finalizeRequest", priority: "low" },
        );
        await rejects(s3.send(new HeadBucketCommand({ Bucket: "videos" })), /not sent/);
        equal(asked, host);
      });
    }
  });
});
