import assert from "node:assert/strict";
import { isWorkerImage, parseDockerRun } from "../../src/instances/docker-arguments.ts";

const parse = (line: string, o: { files?: Record<string, string>; environment?: Record<string, string> } = {}) =>
  parseDockerRun(line.split(" "), {
    readFile: (path) => o.files?.[path] ?? "",
    environment: o.environment ?? {},
  });

describe("The arguments of docker run", () => {
  it("end at the image; the rest belongs to the container", () => {
    const run = parse(
      "--shm-size=1024m --gpus all --rm -i -e LIGHTLY_TOKEN=abc lightly/worker:latest worker.worker_id=1 -d",
    );
    assert.equal(run.image, "lightly/worker:latest");
    assert.deepEqual(run.args, ["worker.worker_id=1", "-d"]);
    assert.deepEqual(run.environment, { LIGHTLY_TOKEN: "abc" });
    assert.deepEqual(
      [run.remove, run.interactive, run.tty, run.detach, run.name],
      [true, true, false, false, undefined],
    );
  });

  it("may be written together, apart, or with an equals sign", () => {
    const run = parse(
      "-itd --name=w --network host -v /a:/b -v=/c:/d -eA=1 --env B=2=3 --init --ipc=host --pull always x",
    );
    assert.equal(run.image, "x");
    assert.deepEqual([run.interactive, run.tty, run.detach, run.name], [true, true, true, "w"]);
    assert.deepEqual(run.environment, { A: "1", B: "2=3" });
    assert.equal(parse("--rm=false x").remove, false);
  });

  it("accept variables from files and from the client, and -e takes precedence", () => {
    const files = { "/env": "# comment\nA=from file\n\nB=kept\nC\n" };
    const run = parse("--env-file /env -e A=direct -e HOME -e MISSING x", {
      files,
      environment: { HOME: "/h", C: "c" },
    });
    assert.deepEqual(run.environment, { A: "direct", B: "kept", C: "c", HOME: "/h" });
  });

  it("are refused if they are invalid", () => {
    assert.throws(() => parse("--rm"), /requires at least 1 argument/);
    assert.throws(() => parse("-Z x"), /unknown shorthand flag: 'Z'/);
    assert.throws(() => parse("x".replace("x", "--name")), /needs an argument/);
  });

  it("accept only the worker's image, with any registry, tag and digest", () => {
    for (const image of [
      "lightly/worker",
      "lightly/worker:latest",
      "docker.io/lightly/worker:2.12.0",
      `lightly/worker@sha256:${"0".repeat(64)}`,
    ]) {
      assert.ok(isWorkerImage(image), image);
    }
    for (const image of ["ubuntu", "lightly/workers", "evil/lightly/worker", "lightly/worker/x"]) {
      assert.ok(!isWorkerImage(image), image);
    }
  });
});
