import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import type { LocalStack } from "../../scripts/local/local-stack.ts";
import { NOWHERE } from "../support/nowhere.ts";
import { untilPassed } from "../support/until-passed.ts";
import { seriousFaults } from "./accessibility.ts";
import { cancelDialog, type EditorPage, openDialog, ownNodes, saveDialog, takePictures } from "./editor-page.ts";
import { button, list, typeIn, valueIn } from "./look-up-form.ts";
import { putObject, startLookUpStack } from "./look-up-stack.ts";
import { useEditor } from "./use-editor.ts";

const step = (type: string, y: number, more: object = {}) => ({
  id: type,
  type: type,
  z: "tab",
  name: type,
  x: 300,
  y,
  account: "aws",
  wires: [],
  ...more,
});
/** Accounts without values use the sandbox's from the environment. */
const FLOW = [
  { id: "tab", type: "tab", label: "look-ups" },
  { id: "aws", type: "lightly-aws-account", name: "", credentialSource: "chain" },
  { id: "same", type: "lightly-aws-account", name: "the same again", credentialSource: "chain" },
  {
    id: "nowhere",
    type: "lightly-aws-account",
    name: "nowhere",
    credentialSource: "chain",
    endpoint: NOWHERE,
  },
  { id: "lightly", type: "lightly-account", name: "" },
  { id: "pexels", type: "lightly-pexels-account", name: "" },
  step("lightly-s3-upload", 80, { bucketType: "str", prefixType: "str", bucket: "", prefix: "" }),
  step("lightly-ec2-start", 160, { select: "ids", instanceIds: "", instanceIdsType: "str" }),
  step("lightly-ec2-stop", 240, { select: "ids", instanceIds: "", instanceIdsType: "str" }),
  step("lightly-ssm-run-script", 320, {
    instanceIds: "i-12345678",
    instanceIdsType: "str",
    script: "",
    scriptType: "str",
  }),
  step("lightly-run", 400, { account: "lightly", datasetName: "", datasetNameType: "str" }),
  step("lightly-pexels-download", 480, { account: "pexels" }),
];

describe("the look-ups in the forms", () => {
  let stack: LocalStack;
  const opened = useEditor(async () => {
    stack = await startLookUpStack({ flow: FLOW });
    return { url: stack.nodeRed.url, close: stack.close };
  });
  let editor: EditorPage;
  let page: Page;

  before(() => {
    ({ editor, page } = opened);
  });
  afterEach(() => stack?.sandbox.faults.clear());

  async function open(type: string): Promise<Locator> {
    const node = (await ownNodes(page)).find((one) => one.type === type);
    assert.ok(node, type);
    return openDialog(page, node);
  }
  const done = (): Promise<void> => saveDialog(page);
  /** The violations of axe-core in the parts that the look-ups add to the form. */
  async function assertAccessible(): Promise<void> {
    for (const selector of [".lightly-aws-panel", ".lightly-aws-tried", ".lightly-aws-preview"]) {
      if ((await page.locator(`${selector}:visible`).count()) > 0) {
        assert.deepEqual(await seriousFaults(page, selector), []);
      }
    }
  }
  const said = (dialog: Locator): Locator => dialog.locator(".lightly-aws-panel [role=status]");

  it("fill in bucket and prefix of an upload, which are saved and opened again unchanged", async () => {
    let dialog = await open("lightly-s3-upload");
    await button(dialog, "Choose a bucket").click();
    await list(dialog, "Choose a bucket").getByRole("option", { name: "lightly-input" }).waitFor();
    await takePictures(page, "look-up-buckets", dialog);
    await assertAccessible();
    await list(dialog, "Choose a bucket").getByRole("option", { name: "lightly-output" }).click();
    assert.equal(await valueIn(dialog, "bucket"), "lightly-output");
    await list(dialog, "Choose a bucket").waitFor({ state: "hidden" });
    await done();
    dialog = await open("lightly-s3-upload");
    assert.equal(await valueIn(dialog, "bucket"), "lightly-output");
    await cancelDialog(page);
  });

  it("browse prefixes level by level", async () => {
    await putObject(stack, "lightly-output", "videos/day/a.mp4");
    const dialog = await open("lightly-s3-upload");
    await button(dialog, "Choose a prefix").click();
    await list(dialog, "Choose a prefix").getByRole("option", { name: "videos", exact: true }).click();
    await list(dialog, "Choose a prefix").getByRole("option", { name: "videos/day" }).click();
    await said(dialog).getByText("No entries.").waitFor();
    assert.equal(await valueIn(dialog, "prefix"), "videos/day");
    await list(dialog, "Choose a prefix").getByRole("option", { name: "One level up" }).click();
    await list(dialog, "Choose a prefix").getByRole("option", { name: "videos/day" }).waitFor();
    assert.equal(await valueIn(dialog, "prefix"), "videos");
    await list(dialog, "Choose a prefix").getByRole("option", { name: "One level up" }).click();
    await list(dialog, "Choose a prefix").getByRole("option", { name: "videos", exact: true }).waitFor();
    assert.equal(await valueIn(dialog, "prefix"), "");
    await list(dialog, "Choose a prefix").getByRole("option", { name: "videos", exact: true }).click();
    await done();
  });

  it("require a bucket for prefixes", async () => {
    const dialog = await open("lightly-s3-upload");
    await dialog.locator("#node-input-bucket").evaluate((element) => {
      // biome-ignore lint/suspicious/noExplicitAny: the editor's jQuery
      const $ = (globalThis as any).$;
      $(element).typedInput("value", "");
    });
    await button(dialog, "Choose a prefix").click();
    await said(dialog).getByText("Enter or choose the bucket first.").waitFor();
    await cancelDialog(page);
  });

  it("can be used by keyboard alone", async () => {
    const dialog = await open("lightly-ec2-start");
    await button(dialog, "Choose instances").focus();
    await page.keyboard.press("Enter");
    const options = list(dialog, "Choose instances");
    await options.getByRole("option").first().waitFor();
    await takePictures(page, "look-up-instances", dialog);
    await assertAccessible();
    await untilPassed(async () =>
      assert.equal(await options.evaluate((element) => element === element.ownerDocument.activeElement), true),
    );
    await page.keyboard.press("Space");
    assert.equal(await valueIn(dialog, "instanceIds"), stack.sandbox.instanceId);
    assert.equal(await options.getByRole("option").first().getAttribute("aria-selected"), "true");
    await page.keyboard.press("Space");
    assert.equal(await valueIn(dialog, "instanceIds"), "");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await options.waitFor({ state: "hidden" });
    const focused = button(dialog, "Choose instances");
    await untilPassed(async () =>
      assert.equal(await focused.evaluate((element) => element === element.ownerDocument.activeElement), true),
    );
    assert.equal(await focused.getAttribute("aria-expanded"), "false");
    await done();
    const again = await open("lightly-ec2-start");
    assert.equal(await valueIn(again, "instanceIds"), stack.sandbox.instanceId);
    await cancelDialog(page);
  });

  it("filter a long list by the typed text", async () => {
    const { CreateBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
    const { region, credentials, endpoints } = stack.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    for (let number = 10; number < 20; number += 1) {
      const CreateBucketConfiguration = { LocationConstraint: region as "eu-central-1" };
      await s3.send(new CreateBucketCommand({ Bucket: `archive-${number}`, CreateBucketConfiguration }));
    }
    s3.destroy();
    const dialog = await open("lightly-s3-upload");
    await button(dialog, "Choose a bucket").click();
    const filter = dialog.getByRole("combobox", { name: "Filter" });
    await filter.fill("e-1");
    await untilPassed(async () => assert.equal(await list(dialog, "Choose a bucket").getByRole("option").count(), 10));
    await filter.fill("archive-13");
    await dialog.locator(".lightly-aws-panel").getByText("1 found").waitFor();
    await takePictures(page, "look-up-filtered", dialog);
    await assertAccessible();
    await page.keyboard.press("Enter");
    assert.equal(await valueIn(dialog, "bucket"), "archive-13");
    await cancelDialog(page);
  });

  it("show name, state and type of an instance", async () => {
    const dialog = await open("lightly-ec2-stop");
    await button(dialog, "Choose instances").click();
    const first = list(dialog, "Choose instances").getByRole("option").first();
    await first.waitFor();
    assert.match((await first.textContent()) ?? "", /i-0123456789abcdef0.*stopped · \w+\.\w+/);
    await cancelDialog(page);
  });

  it("fill in dataset, labels and the buckets of the URIs of a selection", async () => {
    let dialog = await open("lightly-run");
    await button(dialog, "Choose a dataset").click();
    await list(dialog, "Choose a dataset").getByRole("option", { name: "street" }).click();
    await button(dialog, "Choose a bucket").first().click();
    await list(dialog, "Choose a bucket").getByRole("option", { name: "lightly-input" }).click();
    await dialog.locator("summary").click();
    await button(dialog, "Choose worker labels").click();
    for (const label of ["fast", "gpu"]) {
      await list(dialog, "Choose worker labels").getByRole("option", { name: label }).click();
    }
    const filled = async (form: Locator) =>
      Promise.all(["datasetName", "inputUri", "runsOn"].map((property) => valueIn(form, property)));
    assert.deepEqual(await filled(dialog), ["street", "s3://lightly-input", "fast, gpu"]);
    await done();
    dialog = await open("lightly-run");
    assert.deepEqual(await filled(dialog), ["street", "s3://lightly-input", "fast, gpu"]);
    await cancelDialog(page);
  });

  it("fill in region and role of an account, with the values of its open form", async () => {
    let dialog = await open("lightly-aws-account");
    await button(dialog, "Choose a region").click();
    await list(dialog, "Choose a region").getByRole("option", { name: "eu-central-1" }).click();
    await dialog.locator("#node-config-input-roleArn").fill("arn:aws:iam::123456789012:role/an-old-one");
    await button(dialog, "Choose a role").click();
    await list(dialog, "Choose a role").getByRole("option", { name: "lightly-access" }).waitFor();
    await takePictures(page, "look-up-roles", dialog);
    await assertAccessible();
    await list(dialog, "Choose a role").getByRole("option", { name: "lightly-access" }).click();
    const role = "arn:aws:iam::123456789012:role/lightly-access";
    assert.deepEqual([await valueIn(dialog, "region"), await valueIn(dialog, "roleArn")], ["eu-central-1", role]);
    await done();
    dialog = await open("lightly-aws-account");
    assert.deepEqual([await valueIn(dialog, "region"), await valueIn(dialog, "roleArn")], ["eu-central-1", role]);
    await dialog.locator("#node-config-input-roleArn").fill("");
    await done();
  });

  it("offer all regions of AWS to an account whose credentials do not work, and say why", async () => {
    const dialog = await open("lightly-aws-account");
    await dialog.locator("#node-config-input-credentialSource").selectOption("keys");
    await button(dialog, "Choose a region").click();
    await list(dialog, "Choose a region").getByRole("option", { name: "af-south-1" }).waitFor();
    await said(dialog)
      .getByText(/accessKeyId.* is missing/)
      .waitFor();
    await takePictures(page, "look-up-regions-without-credentials", dialog);
    await assertAccessible();
    await list(dialog, "Choose a region").getByRole("option", { name: "us-gov-west-1" }).click();
    assert.equal(await valueIn(dialog, "region"), "us-gov-west-1");
    await cancelDialog(page);
  });

  it("offer the region of the buckets of lightly run, and before they are entered all regions of Lightly", async () => {
    const dialog = await open("lightly-run");
    await typeIn(dialog, "inputUri", "s3://lightly-input/videos");
    await button(dialog, "Choose the region of the bucket").click();
    const options = list(dialog, "Choose the region of the bucket").getByRole("option");
    await options.filter({ hasText: /^eu-central-1.*lightly-input/ }).waitFor();
    await untilPassed(async () => assert.equal(await options.count(), 1));
    await takePictures(page, "look-up-bucket-region", dialog);
    await options.first().click();
    assert.equal(await valueIn(dialog, "region"), "eu-central-1");
    await typeIn(dialog, "inputUri", "");
    await button(dialog, "Choose the region of the bucket").click();
    await options.filter({ hasText: "us-gov-east" }).waitFor();
    await said(dialog).getByText("Enter or choose the bucket first.").waitFor();
    await cancelDialog(page);
  });

  it("combine the results of all accounts without duplicates, and report a failing account", async () => {
    const dialog = await open("lightly-run");
    await button(dialog, "Choose a bucket").first().click();
    const options = list(dialog, "Choose a bucket").getByRole("option");
    await options.first().waitFor();
    const offered = await options.locator(".lightly-aws-choice").allTextContents();
    assert.ok(offered.includes("lightly-input"));
    assert.deepEqual(offered, [...new Set(offered)]);
    await said(dialog)
      .getByText(/ECONNREFUSED/)
      .waitFor();
    await cancelDialog(page);
  });

  it("report a missing permission in the form, and keep the field editable", async () => {
    stack.sandbox.faults.add({ kind: "status", service: "ec2", status: 403, code: "UnauthorizedOperation" });
    const dialog = await open("lightly-ec2-stop");
    await button(dialog, "Choose instances").click();
    await said(dialog)
      .getByText(/Allow ec2:DescribeInstances/)
      .waitFor();
    await takePictures(page, "look-up-refused", dialog);
    await assertAccessible();
    await typeIn(dialog, "instanceIds", "i-12345678");
    assert.equal(await valueIn(dialog, "instanceIds"), "i-12345678");
    await cancelDialog(page);
  });

  it("are not available for other types of the typed input", async () => {
    const dialog = await open("lightly-ec2-stop");
    await dialog.locator("#node-input-instanceIds").evaluate((element) => {
      // biome-ignore lint/suspicious/noExplicitAny: the editor's jQuery
      const $ = (globalThis as any).$;
      $(element).typedInput("type", "msg");
    });
    await button(dialog, "Choose instances").waitFor({ state: "hidden" });
    await cancelDialog(page);
  });

  it("require an account if none is chosen", async () => {
    const dialog = await open("lightly-ec2-stop");
    await dialog.locator("#node-input-account").evaluate((element) => {
      (element as unknown as { value: string }).value = "";
    });
    await button(dialog, "Choose instances").click();
    await said(dialog).getByText("Choose an account first.").waitFor();
    await cancelDialog(page);
  });

  it("work with a changed account that is not deployed", async () => {
    let dialog = await open("lightly-aws-account");
    await dialog.locator("#node-config-input-name").fill("renamed");
    await done();
    const asked = page.waitForRequest((request) => request.url().includes("/lightly-aws/lookups/buckets"));
    dialog = await open("lightly-s3-upload");
    await button(dialog, "Choose a bucket").click();
    await list(dialog, "Choose a bucket").getByRole("option", { name: "lightly-input" }).waitFor();
    const request = await asked;
    assert.equal(request.method(), "POST");
    assert.equal(request.postDataJSON().account.name, "renamed");
    await cancelDialog(page);
  });

  describe("with a connection test", () => {
    const result = (dialog: Locator): Locator => dialog.locator(".lightly-aws-tried [role=status]");

    async function test(dialog: Locator): Promise<string> {
      await button(dialog, "Test connection").click();
      await result(dialog).locator(".fa-check-circle, .fa-times-circle").first().waitFor();
      return (await result(dialog).textContent()) ?? "";
    }

    it("shows the identity of an AWS account, and each possible problem", async () => {
      const { faults, credentials } = stack.sandbox;
      const dialog = await open("lightly-aws-account");
      await dialog.locator("#node-config-input-region").fill("eu-central-1");
      const good = await test(dialog);
      assert.match(good, /Signed in as arn:aws:iam::123456789012:/);
      assert.match(good, /Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances, ssm:DescribeInstanceInformation/);
      await takePictures(page, "test-aws-good", dialog);

      faults.add({ kind: "status", service: "ssm", status: 400, code: "AccessDeniedException" });
      const partly = await test(dialog);
      assert.match(partly, /Signed in as .*Allowed: s3:ListAllMyBuckets, ec2:DescribeInstances/);
      assert.match(partly, /Allow ssm:DescribeInstanceInformation/);
      await takePictures(page, "test-aws-partly", dialog);
      await assertAccessible();
      faults.clear();

      for (const [code, says] of [
        ["ExpiredToken", /session of the credentials has expired/],
        ["RequestTimeTooSkewed", /clock of this machine differs/],
      ] as const) {
        faults.add({ kind: "status", service: "sts", status: 403, code });
        assert.match(await test(dialog), says);
        faults.clear();
      }

      await dialog.locator("#node-config-input-credentialSource").selectOption("keys");
      await dialog.locator("#node-config-input-accessKeyId").fill("AKIAIOSFODNN7EXAMPLE");
      await dialog.locator("#node-config-input-secretAccessKey").fill("wrong");
      assert.match(await test(dialog), /does not know the access key id/);
      await takePictures(page, "test-aws-bad", dialog);
      await dialog.locator("#node-config-input-accessKeyId").fill(credentials.accessKeyId);
      assert.match(await test(dialog), /the secret key does not belong to the access key/);
      await dialog.locator("#node-config-input-secretAccessKey").fill(credentials.secretAccessKey);
      assert.match(await test(dialog), /Signed in as/);
      await dialog.locator("summary").click();
      await dialog.locator("#node-config-input-endpoint").fill(NOWHERE);
      assert.match(await test(dialog), /no response from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Check the network/);
      await cancelDialog(page);
    });

    it("shows the datasets of a Lightly account, and each possible problem", async () => {
      const dialog = await open("lightly-account");
      assert.match(await test(dialog), /accepts the token\. Datasets: 1/);
      await takePictures(page, "test-lightly", dialog);
      await dialog.locator("#node-config-input-token").fill("wrong");
      assert.match(await test(dialog), /does not accept the API token/);
      await dialog.locator("#node-config-input-apiUrl").fill(NOWHERE);
      assert.match(await test(dialog), /did not respond .*Check the network/);
      await cancelDialog(page);
    });

    it("shows the remaining quota of a Pexels key, and each possible problem", async () => {
      const dialog = await open("lightly-pexels-account");
      assert.match(await test(dialog), /accepts the key\. Requests left: \d+ of \d+/);
      await dialog.locator("#node-config-input-apiKey").fill("wrong");
      assert.match(await test(dialog), /does not accept the API key/);
      await dialog.locator("#node-config-input-apiUrl").fill(NOWHERE);
      assert.match(await test(dialog), /did not respond/);
      await cancelDialog(page);
    });
  });

  describe("with the worker's fields", () => {
    it("shows the generated command, copies it, and opens again as it was saved", async () => {
      let dialog = await open("lightly-ssm-run-script");
      await dialog.locator("#node-input-mode").selectOption("worker");
      const preview = dialog.getByRole("textbox", { name: "Command" });
      await dialog.locator(".lightly-aws-status").getByText("No token is given").waitFor();
      await typeIn(dialog, "tokenName", "/prod/lightly");
      await button(dialog, "Choose a worker").click();
      await list(dialog, "Choose a worker")
        .getByRole("option", { name: /second/ })
        .click();
      await dialog.locator("#node-input-gpus").selectOption("ids");
      await dialog.locator("#node-input-gpuIds").fill("0,1");
      await dialog.locator("#node-input-dockerArguments").fill(`-v "/my data:/input_mount:ro"`);
      const workerId = await valueIn(dialog, "workerId");
      assert.match(workerId, /^[0-9a-f]{24}$/);
      const shown = await preview.inputValue();
      assert.match(shown, /aws ssm get-parameter --with-decryption --name '\/prod\/lightly'/);
      assert.ok(
        shown.endsWith(
          `exec docker run --rm --shm-size=1024m --gpus='"device=0,1"' -e LIGHTLY_TOKEN '-v' '/my data:/input_mount:ro' 'lightly/worker:latest' 'worker.worker_id=${workerId}'`,
        ),
        shown,
      );
      await takePictures(page, "worker-fields", dialog);
      await preview.scrollIntoViewIfNeeded();
      await takePictures(page, "worker-command", dialog);
      await assertAccessible();
      await button(dialog, "Copy").click();
      await done();
      dialog = await open("lightly-ssm-run-script");
      assert.equal(await preview.inputValue(), shown);
      assert.equal(await dialog.locator(".input-error:visible").count(), 0);
      await dialog.locator("#node-input-dockerArguments").fill(`-v "/my`);
      await page.keyboard.press("Tab");
      assert.equal(await dialog.locator("#node-input-dockerArguments.input-error").count(), 1);
      await cancelDialog(page);
    });
  });

  it("cause no error in the browser, except the expected refusals", () => {
    const unasked = editor.faults.filter((fault) => !/status of (400|404|502)/.test(fault));
    assert.deepEqual(unasked, []);
  });
});
