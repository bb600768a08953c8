import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { forgetSafeFolder, relocate, safeFolder } from "../../src/instances/instance-disk.ts";
import { minutesUntil, parseShutdown } from "../../src/instances/shutdown-arguments.ts";

describe("A script for the real machine", () => {
  const moved = (text: string): string => relocate(text, "/disk");

  it("has its home on the instance's disk", () => {
    assert.equal(moved("sh /home/ubuntu/run.sh"), "sh /disk/home/ubuntu/run.sh");
    assert.equal(
      moved("cd '/home/ubuntu' && ls \"/home/ubuntu/a b\""),
      "cd '/disk/home/ubuntu' && ls \"/disk/home/ubuntu/a b\"",
    );
    assert.equal(moved("X=/home/ubuntu;ls"), "X=/disk/home/ubuntu;ls");
    assert.equal(moved("/home/ubuntu2 /srv/home/ubuntu/x"), "/home/ubuntu2 /srv/home/ubuntu/x");
  });

  it("finds the instance's own docker and shutdown, and never the computer's", () => {
    assert.equal(moved("sudo /sbin/shutdown -h +5; /usr/bin/docker ps"), "sudo shutdown -h +5; docker ps");
    assert.equal(moved("/usr/bin/dockerd /opt/bin/docker"), "/usr/bin/dockerd /opt/bin/docker");
  });

  it("never gets a path that needs other quoting", () => {
    const folder = join(temporaryFolder(), "it's $(my) disk");
    mkdirSync(folder);
    const safe = safeFolder(folder);
    assert.match(safe, /^[\w./-]+$/);
    assert.equal(realpathSync(safe), folder);
    assert.equal(safeFolder(folder), safe);
    assert.ok(lstatSync(safe).isSymbolicLink());
    forgetSafeFolder(folder);
    assert.ok(!existsSync(safe));
    rmSync(folder, { recursive: true });
    assert.equal(safeFolder("/plain/path"), "/plain/path");
  });
});

describe("The arguments of shutdown", () => {
  it("contain a time, by default a minute from now, or cancel", () => {
    assert.deepEqual(parseShutdown([]), { kind: "at", time: "+1" });
    assert.deepEqual(parseShutdown(["-h", "+60", "bye"]), { kind: "at", time: "+60" });
    assert.deepEqual(parseShutdown(["-c"]), { kind: "cancel" });
    assert.equal(parseShutdown(["-r", "now"]).kind, "invalid");
    assert.equal(parseShutdown(["later"]).kind, "invalid");
  });

  it("are converted to minutes, until tomorrow if the time of day has passed", () => {
    const now = new Date(2026, 0, 1, 12, 0, 0);
    assert.equal(minutesUntil("now", now), 0);
    assert.equal(minutesUntil("+90", now), 90);
    assert.equal(minutesUntil("12:30", now), 30);
    assert.equal(minutesUntil("11:00", now), 23 * 60);
  });
});
