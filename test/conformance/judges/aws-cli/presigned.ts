import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

/** Presigned links. */
export async function judgePresigned({ tally, folder, sandbox }: Setup, cli: Cli): Promise<void> {
  const uri = `s3://${sandbox.buckets.input}/presigned.txt`;
  const file = path.join(folder, "presigned.txt");
  await writeFile(file, "presigned\n");
  await cli.run(["s3", "cp", file, uri]);
  const presign = async (seconds: number): Promise<string> =>
    (await cli.run(["s3", "presign", uri, "--expires-in", String(seconds)])).trim();

  await tally.check("s3 presign creates a working link", async () => {
    const response = await fetch(await presign(60));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "presigned\n");
  });
  await tally.check("the link is not valid for another key, a longer time or another method", async () => {
    const url = await presign(60);
    await refused(url.replace("presigned.txt", "other.txt"), "SignatureDoesNotMatch");
    await refused(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), "SignatureDoesNotMatch");
    await refused(url, "SignatureDoesNotMatch", { method: "PUT", body: "other" });
  });
  await tally.check("an expired link is refused", async () => {
    const url = await presign(1);
    await sleep(2_100);
    await refused(url, "AccessDenied");
  });
}

async function refused(url: string, code: string, init: RequestInit = {}): Promise<void> {
  const response = await fetch(url, init);
  assert.equal(response.status, 403);
  assert.match(await response.text(), new RegExp(`<Code>${code}</Code>`));
}
