import { equal } from "node:assert/strict";
import { join, resolve } from "node:path";
import { runsFolder } from "../../src/plugins/runs/runs-folder.ts";

describe("the folder of the runs", () => {
  const userDir = resolve("user");

  it("is in the user directory, and does not exist without one", () => {
    equal(runsFolder({ userDir }), join(userDir, "lightly-aws", "runs"));
    equal(runsFolder({}), undefined);
  });

  it("is the one in the settings, relative to the user directory", () => {
    equal(runsFolder({ userDir, lightlyAwsRunsDir: "elsewhere" }), join(userDir, "elsewhere"));
    equal(runsFolder({ lightlyAwsRunsDir: resolve("/var/runs") }), resolve("/var/runs"));
  });

  it("is the default one if the setting is blank or not a string", () => {
    for (const lightlyAwsRunsDir of ["", " ", undefined, 5]) {
      equal(runsFolder({ userDir, lightlyAwsRunsDir }), join(userDir, "lightly-aws", "runs"));
    }
  });
});
