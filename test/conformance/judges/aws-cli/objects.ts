import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

const MIB = 1024 * 1024;
const MINUTE_AGO = new Date(Date.now() - 60_000);

/** Buckets and objects through the CLI's high-level commands. */
export async function judgeObjects({ tally, folder }: Setup, cli: Cli): Promise<void> {
  const bucket = "conformance-cli";
  const file = (name: string): string => path.join(folder, name);
  const large = randomBytes(64 * MIB);
  await writeFile(file("large.bin"), large);

  await tally.check("s3 mb creates a bucket, and s3 ls lists it", async () => {
    await cli.run(["s3", "mb", `s3://${bucket}`]);
    assert.match(await cli.run(["s3", "ls"]), new RegExp(` ${bucket}$`, "m"));
  });
  await tally.check("s3 cp uploads 64 MiB in parts and downloads them unchanged", async () => {
    await cli.run(["s3", "cp", "--no-progress", file("large.bin"), `s3://${bucket}/large.bin`]);
    await cli.run(["s3", "cp", "--no-progress", `s3://${bucket}/large.bin`, file("back.bin")]);
    assert.ok(large.equals(await readFile(file("back.bin"))), "other bytes came back");
  });
  await tally.check("the ETag of an object in parts ends in the number of parts", async () => {
    const head = await cli.json<{ ETag: string; ContentLength: number }>([
      ...["s3api", "head-object", "--bucket", bucket, "--key", "large.bin"],
    ]);
    assert.match(head.ETag, /^"[0-9a-f]{32}-8"$/);
    assert.equal(head.ContentLength, large.length);
  });
  await tally.check("a key with a space, an umlaut and & ? = # % + is uploaded and downloaded", async () => {
    const key = "a folder/Größe & more?=#%25+~.txt";
    await writeFile(file("small.txt"), "small\n");
    await cli.run(["s3", "cp", file("small.txt"), `s3://${bucket}/${key}`]);
    assert.equal(await cli.run(["s3", "cp", `s3://${bucket}/${key}`, "-"]), "small\n");
    assert.match(await cli.run(["s3", "ls", `s3://${bucket}/a folder/`]), / 6 Größe & more\?=#%25\+~\.txt$/m);
  });
  await tally.check("s3 cp from key to key copies in parts in the store", async () => {
    await cli.run(["s3", "cp", `s3://${bucket}/large.bin`, `s3://${bucket}/copy.bin`, "--no-progress"]);
    const copy = await cli.json<{ ContentLength: number }>([
      ...["s3api", "head-object", "--bucket", bucket, "--key", "copy.bin"],
    ]);
    assert.equal(copy.ContentLength, large.length);
  });
  await tally.check("s3 ls shows folders as PRE, and everything with --recursive", async () => {
    assert.match(await cli.run(["s3", "ls", `s3://${bucket}/`]), /PRE a folder\/\n[\s\S]* large\.bin\n/);
    const listed = await cli.run(["s3", "ls", `s3://${bucket}/`, "--recursive", "--summarize"]);
    assert.match(listed, /Total Objects: 3\n\s*Total Size: 134217734/);
  });
  await tally.check("s3 sync uploads a folder once", async () => {
    await mkdir(file("up/deep"), { recursive: true });
    for (const name of ["one.txt", "two.txt", "deep/three.txt"]) {
      await writeFile(file(`up/${name}`), name);
      // S3's times have no fractions of a second: a file of the current second would look newer than its copy.
      await utimes(file(`up/${name}`), MINUTE_AGO, MINUTE_AGO);
    }
    assert.equal(linesOf(await cli.run(["s3", "sync", file("up"), `s3://${bucket}/synced`])), 3);
    assert.equal(linesOf(await cli.run(["s3", "sync", file("up"), `s3://${bucket}/synced`])), 0);
  });
  await tally.check("s3 sync downloads it, and removes deleted files with --delete", async () => {
    await cli.run(["s3", "sync", `s3://${bucket}/synced`, file("down")]);
    assert.deepEqual((await readdir(file("down"), { recursive: true })).sort(), [
      "deep",
      "deep/three.txt",
      "one.txt",
      "two.txt",
    ]);
    await cli.run(["s3", "rm", `s3://${bucket}/synced/two.txt`]);
    assert.match(
      await cli.run(["s3", "sync", `s3://${bucket}/synced`, file("down"), "--delete"]),
      /delete: .*two\.txt/,
    );
  });
  await tally.check("a missing key is a 404, a missing bucket NoSuchBucket", async () => {
    await cli.refused(["s3api", "get-object", "--bucket", bucket, "--key", "no", file("no")], "NoSuchKey");
    await cli.refused(["s3api", "head-object", "--bucket", bucket, "--key", "no"], "404");
    await cli.refused(["s3", "ls", "s3://conformance-missing"], "NoSuchBucket");
  });
  await tally.check(
    "a bucket with objects is not removed; s3 rm --recursive empties it, s3 rb removes it",
    async () => {
      await cli.refused(["s3api", "delete-bucket", "--bucket", bucket], "BucketNotEmpty");
      await cli.run(["s3", "rm", `s3://${bucket}`, "--recursive"]);
      assert.equal(await cli.run(["s3", "ls", `s3://${bucket}/`, "--recursive"]), "");
      await cli.run(["s3", "rb", `s3://${bucket}`]);
      assert.doesNotMatch(await cli.run(["s3", "ls"]), new RegExp(bucket));
    },
  );
}

function linesOf(text: string): number {
  return text.split(/\r?\n/).filter((line) => line.startsWith("upload:") || line.includes("\rupload:")).length;
}
