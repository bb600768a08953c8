import { deepEqual, equal } from "node:assert/strict";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeFile } from "atomically";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { describeMoment, type JournalWrite, watchJournal } from "./moment.ts";

describe("The watcher of the journal", () => {
  let folder: string;
  let writes: JournalWrite[];
  let forget: () => void;
  beforeEach(() => {
    folder = temporaryFolder();
    writeFileSync(join(folder, "earlier.json"), "{}");
    writes = [];
    forget = watchJournal(folder, (write) => writes.push(write));
  });
  afterEach(() => {
    forget();
  });
  const heard = (): string[] => writes.map(({ nth, phase }) => `${nth} ${phase}`);

  it("detects when a file is about to be replaced, and when it was replaced", async () => {
    await writeFile(join(folder, "run.json"), "{}");
    await until(() => writes.length === 2);
    await writeFile(join(folder, "run.json"), "{ }");
    await until(() => writes.length === 4);
    deepEqual(heard(), ["1 started", "1 done", "2 started", "2 done"]);
  });

  it("detects a line that is appended to a file", async () => {
    await writeFile(join(folder, "run.json"), "{}\n");
    await until(() => writes.length === 2);
    appendFileSync(join(folder, "run.json"), "{}\n");
    await until(() => writes.length === 4);
    deepEqual(heard(), ["1 started", "1 done", "2 started", "2 done"]);
  });

  it("ignores the files of earlier runs", async () => {
    await writeFile(join(folder, "earlier.json"), "{ }");
    appendFileSync(join(folder, "earlier.json"), "{}");
    writeFileSync(join(folder, "other"), "");
    renameSync(join(folder, "other"), join(folder, "another"));
    await writeFile(join(folder, "run.json"), "{}");
    await until(() => writes.length === 2);
    deepEqual(heard(), ["1 started", "1 done"]);
  });
});

describe("The watcher of the journal of a resumed run", () => {
  it("detects a replacement of an existing file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "earlier.json"), "{}");
    const phases: string[] = [];
    const forget = watchJournal(folder, ({ phase }) => phases.push(phase), true);
    try {
      await writeFile(join(folder, "earlier.json"), "{ }");
      await until(() => phases.length === 2);
      deepEqual(phases, ["started", "done"]);
    } finally {
      forget();
    }
  });
});

describe("The description of a moment", () => {
  it("names the event", () => {
    equal(describeMoment({ by: "time", ms: 12.6 }), "13 ms after the trigger");
    equal(describeMoment({ by: "journal", nth: 3, phase: "started" }), "journal write 3 started");
    equal(
      describeMoment({ by: "request", operation: "UploadPart", nth: 2, phase: "answered", delayMs: 4 }),
      "UploadPart #2 answered + 4 ms",
    );
    equal(describeMoment({ by: "start", ms: 5 }), "5 ms into the start");
  });
});
