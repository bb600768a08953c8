import { deepEqual, equal, rejects } from "node:assert/strict";
import { withItems } from "../../../../src/services/batch/job/item-list.ts";
import { MAX_OVERRIDE_CHARACTERS, overrideCharacters } from "../../../../src/services/batch/job/job-input.ts";

const JOB = { jobName: "job", queue: "q", definition: "d", environment: { OWN: "1" } };

describe("The list of items of a job", () => {
  const { signal } = new AbortController();
  /** No store: what needs one fails. */
  const s3 = (): Promise<never> => Promise.reject(new Error("S3 was used"));
  const listed = (items: readonly string[], folder?: string) =>
    withItems(JOB, { items, folder, listName: "list", s3, signal });

  it("is a variable with one item per line, beside the others, and gives the job a child per item", async () => {
    const { size, environment } = await listed(["s3://b/a, b.mp4", "s3://b/ü.mp4"]);
    deepEqual([size, environment], [2, { OWN: "1", LIGHTLY_ITEMS: "s3://b/a, b.mp4\ns3://b/ü.mp4" }]);
  });

  it("is a variable up to the limit of a container, and an object from the next character on", async () => {
    const used = overrideCharacters({ environment: { ...JOB.environment, LIGHTLY_ITEMS: "" } });
    const longest = "x".repeat(MAX_OVERRIDE_CHARACTERS - used);
    equal((await listed([longest])).environment?.LIGHTLY_ITEMS, longest);
    await rejects(listed([`${longest}x`], "s3://bucket/lists"), /S3 was used/);
  });

  it("needs a folder if it is too long", async () => {
    await rejects(listed(["x".repeat(MAX_OVERRIDE_CHARACTERS)]), {
      code: "BATCH_REQUEST_INVALID",
      message: /Enter a list folder/,
    });
  });

  it("is refused before it is stored if it has more items than a job can have children", async () => {
    const items = Array.from({ length: 10_001 }, (_, index) => `s3://b/${index}.mp4`);
    await rejects(listed(items, "s3://bucket/lists"), { code: "BATCH_REQUEST_INVALID", message: /not 10001/ });
  });

  it("is refused without items, and with an item of several lines, which is shown", async () => {
    await rejects(listed([]), { code: "BATCH_REQUEST_INVALID", message: /no items/ });
    for (const item of ["a\nb", "a\rb"]) {
      await rejects(listed(["one", item]), {
        code: "BATCH_REQUEST_INVALID",
        message: /The item "a\\[nr]b" has a line break/,
      });
    }
  });
});
