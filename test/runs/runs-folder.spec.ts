import { equal } from "node:assert/strict";
import { join, resolve } from "node:path";
import { runsFolder } from "../../src/plugins/runs/runs-folder.ts";

describe("the folder of the runs", () => {
  const userDir = resolve("user");

  it("is in the user directory, and nowhere without one", () => {
    equal(runsFolder({ userDir }), join(userDir, "lightly-aws", "runs"));
    equal(runsFolder({}), undefined);
  });

  it("is where the settings say, from the user directory on", () => {
    equal(runsFolder({ userDir, lightlyAwsRunsDir: "elsewhere" }), join(userDir, "elsewhere"));
    equal(runsFolder({ lightlyAwsRunsDir: resolve("/var/runs") }), resolve("/var/runs"));
  });

  it("is the usual one when the setting is blank or no text", () => {
    for (const lightlyAwsRunsDir of ["", " ", undefined, 5]) {
      equal(runsFolder({ userDir, lightlyAwsRunsDir }), join(userDir, "lightly-aws", "runs"));
    }
  });
});
