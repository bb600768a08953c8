import assert from "node:assert/strict";
import { CREDENTIALS, datasource, type LightlyFixture, prepareDataset, startLightly } from "./lightly-fixture.ts";

interface Row {
  readonly fileName: string;
  readonly readUrl: string;
}

describe("the listing of a datasource", () => {
  let lightly: LightlyFixture;
  let base: string;

  beforeEach(async () => {
    lightly = await startLightly({ listPageSize: 2 });
    base = `/v1/datasets/${await prepareDataset(lightly)}/datasource`;
  });
  afterEach(() => lightly.close());

  function addFile(name: string, second = 1_600_000_000, body = "bytes"): void {
    lightly.objects.set(name, { body: Buffer.from(body), lastModified: new Date(second * 1000 + 400) });
  }

  /** Follows a cursor to the end, like clients. */
  async function listAll(query: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let next = query; ; ) {
      const { hasMore, cursor, data } = await lightly.expect(200, "GET", `${base}/list?${next}`);
      assert.ok(data.length <= 2);
      rows.push(...data);
      if (!hasMore) {
        return rows;
      }
      next = `cursor=${cursor}`;
    }
  }
  const namesOf = (rows: Row[]): string[] => rows.map(({ fileName }) => fileName);

  it("returns only the videos with the prefix, page by page", async () => {
    for (const name of [
      "b.mp4",
      "a/c d.MOV",
      "x.avi",
      "e.mp4",
      "f.mp4",
      "notes.txt",
      "pic.png",
      ".lightly/g.mp4",
      "dir/",
    ]) {
      addFile(`lightly-input/videos/${name}`);
    }
    addFile("lightly-input/other/h.mp4");
    assert.deepEqual(namesOf(await listAll("")), ["a/c d.MOV", "b.mp4", "e.mp4", "f.mp4", "x.avi"]);
  });

  it("returns every file once if it is divided into shards", async () => {
    const expected = Array.from({ length: 9 }, (_, index) => `v${index}.mp4`);
    for (const name of expected) {
      addFile(`lightly-input/videos/${name}`);
    }
    const { cursors } = await lightly.expect(200, "GET", `${base}/list/dnc?dncShards=4`);
    assert.equal(cursors.length, 4);
    const shards = await Promise.all(cursors.map((cursor: string) => listAll(`cursor=${cursor}`)));
    assert.deepEqual(namesOf(shards.flat()).sort(), expected);
    await lightly.expect(400, "GET", `${base}/list/dnc`);
    await lightly.expect(400, "GET", `${base}/list?cursor=made-up`);
  });

  it("includes both ends of a time span, and ends at the current second", async () => {
    for (const second of [100, 101, 102, 103]) {
      addFile(`lightly-input/videos/${second}.mp4`, second);
    }
    addFile("lightly-input/videos/future.mp4", 1_700_000_001);
    assert.deepEqual(namesOf(await listAll("from=101&to=102")), ["101.mp4", "102.mp4"]);
    assert.deepEqual(namesOf(await listAll("from=103")), ["103.mp4"]);
    const { cursors } = await lightly.expect(200, "GET", `${base}/list/dnc?dncShards=1&from=102`);
    assert.deepEqual(namesOf(await listAll(`cursor=${cursors[0]}`)), ["102.mp4", "103.mp4"]);
  });

  it("returns only files in a list of the LIGHTLY datasource", async () => {
    for (const name of ["a.mp4", "b.mp4", "c.mp4"]) {
      addFile(`lightly-input/videos/${name}`);
    }
    addFile("lightly-output/lightly/.lightly/names.txt", 1, "c.mp4\r\na.mp4\nmissing.mp4\n");
    const path = "relevantFilenamesFileName=.lightly/names.txt";
    assert.deepEqual(namesOf(await listAll(path)), ["a.mp4", "c.mp4"]);
    const refusal = await lightly.expect(422, "GET", `${base}/list?relevantFilenamesFileName=none.txt`);
    assert.equal(refusal.code, "DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID");
  });

  it("returns URLs without a token that redirect to a new signed URL, with delegated access", async () => {
    addFile("lightly-input/videos/a b+ü.mp4");
    const [row] = await listAll("");
    assert.ok(row);
    assert.match(row.readUrl, /\/readurlRedirect\?.*publicToken=/);
    const response = await fetch(row.readUrl, { redirect: "manual" });
    assert.equal(response.status, 302);
    const target = new URL(response.headers.get("location") ?? "");
    assert.equal(decodeURIComponent(target.pathname), "/lightly-input/videos/a b+ü.mp4");
    assert.ok(target.searchParams.has("X-Amz-Signature"));
  });

  it("returns URLs that are valid for one dataset only and can't be forged", async () => {
    addFile("lightly-input/videos/a.mp4");
    const [row] = await listAll("");
    assert.ok(row);
    const other = await prepareDataset(lightly, "other dataset");
    const url = new URL(row.readUrl);
    const token = url.searchParams.get("publicToken") ?? "";
    const [header, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ scope: `dataset/${other}` })).toString("base64url");
    url.pathname = `/v1/datasets/${other}/datasource/readurlRedirect`;
    for (const publicToken of [token, `${header}.${forged}.${signature}`, `${header}.${forged}.`, "", "x"]) {
      url.searchParams.set("publicToken", publicToken);
      assert.equal((await fetch(url, { redirect: "manual" })).status, 401);
    }
    const list = new URL(`${base}/list?publicToken=${token}`, lightly.url);
    assert.equal((await fetch(list)).status, 401);
  });

  it("signs URLs with the access keys, and refuses wrong ones", async () => {
    addFile("lightly-input/videos/a.mp4");
    const { s3ARN: _, s3ExternalId: __, ...common } = datasource("INPUT");
    const keys = { s3AccessKeyId: CREDENTIALS.accessKeyId, s3SecretAccessKey: CREDENTIALS.secretAccessKey };
    await lightly.expect(204, "PUT", base, { ...common, type: "S3", ...keys });
    const [row] = await listAll("");
    assert.match(row?.readUrl ?? "", /\/lightly-input\/videos\/a\.mp4\?X-Amz/);
    assert.match((await listAll("useRedirectedReadUrl=True"))[0]?.readUrl ?? "", /readurlRedirect/);
    assert.equal((await lightly.expect(200, "GET", `${base}?purpose=INPUT`)).s3SecretAccessKey, "*****");

    await lightly.expect(204, "PUT", base, { ...common, type: "S3", ...keys, s3SecretAccessKey: "wrong" });
    assert.equal((await lightly.expect(422, "GET", `${base}/list`)).code, "DATASET_DATASOURCE_CREDENTIALS_ERROR");
  });

  it("reports the problem of a datasource", async () => {
    addFile("lightly-output/lightly/x");
    const permissions = await lightly.expect(200, "GET", `${base}/verify`);
    assert.deepEqual(
      [permissions.canRead, permissions.canList, permissions.canWrite, permissions.canOverwrite],
      [false, false, true, true],
    );
    assert.match(permissions.errors.canList, /lightly-input does not exist/);
    await lightly.expect(204, "PUT", base, datasource("LIGHTLY", { s3Region: "us-east-1" }));
    addFile("lightly-input/videos/a.mp4");
    const { canRead, canWrite, errors } = await lightly.expect(200, "GET", `${base}/verify`);
    assert.deepEqual([canRead, canWrite], [false, false]);
    assert.match(errors.canWrite, /eu-central-1.*us-east-1/);
  });

  it("lists predictions and metadata of the LIGHTLY datasource from its root", async () => {
    addFile("lightly-output/lightly/.lightly/predictions/det/a.json");
    addFile("lightly-output/lightly/.lightly/predictions/other/a.json");
    addFile("lightly-output/lightly/.lightly/metadata/a.json");
    const predictions = await lightly.expect(200, "GET", `${base}/predictions/list?taskName=det`);
    assert.deepEqual(namesOf(predictions.data), [".lightly/predictions/det/a.json"]);
    const metadata = await lightly.expect(200, "GET", `${base}/metadata/list`);
    assert.deepEqual(namesOf(metadata.data), [".lightly/metadata/a.json"]);
    await lightly.expect(400, "GET", `${base}/predictions/list`);
  });

  it("reports by HEAD whether a file exists", async () => {
    addFile("lightly-input/videos/a.mp4");
    for (const [name, status] of [
      ["a.mp4", 200],
      ["a.mp", 404],
    ] as const) {
      const url = await lightly.expect(200, "GET", `${base}/fileHEAD?fileName=${name}`);
      assert.equal((await fetch(url, { method: "HEAD" })).status, status);
    }
  });

  it("never leaves the datasource's root", async () => {
    for (const path of ["../secret.mp4", "a/../../b.mp4", "/etc/passwd"]) {
      await lightly.expect(400, "GET", `${base}/readurlRedirect?path=${encodeURIComponent(path)}`);
    }
  });
});
