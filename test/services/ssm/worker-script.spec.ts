import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, readdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { parseDockerRun } from "lightly-aws-sandbox/services";
import { splitWords } from "../../../src/fields/split-words.ts";
import { type WorkerScriptOptions, workerScript } from "../../../src/services/ssm/worker-script.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const TOKEN = 'a token\'s "value" with $(touch pwned) in it';
const call: WorkerScriptOptions = {
  image: "lightly/worker:latest",
  gpus: "all",
  sharedMemoryMib: 1024,
  token: { from: "parameter", name: "/lightly/token" },
};
/** Special characters of a shell, docker, the AWS CLI and Systems Manager, and normal ones. */
const HOSTILE = "'\"\\$`(){}[]*?~!#;&|<> \t\n-=%@,.:/aZ0é視🎬".match(/./gsu) as string[];

/** `docker` records its arguments and variables; `aws` records its arguments, and prints the token. */
const DOCKER = `#!/bin/sh
for one in "$@"; do printf '%s\\0' "$one"; done > docker.args
printf '%s\\0' "$LIGHTLY_TOKEN" > docker.environment
env -0 > docker.variables
exit 7
`;
const AWS = `#!/bin/sh
for one in "$@"; do printf '%s\\0' "$one"; done > aws.args
[ "$REFUSES" = yes ] && { echo AccessDenied >&2; exit 254; }
cat token
`;

describe("workerScript", () => {
  const folder = temporaryFolder("worker script ");

  before(async () => {
    for (const [name, text] of [
      ["docker", DOCKER],
      ["aws", AWS],
    ] as const) {
      await writeFile(join(folder, name), text);
      await chmod(join(folder, name), 0o755);
    }
    await writeFile(join(folder, "token"), `${TOKEN}\n`);
  });

  function run(given: WorkerScriptOptions, environment: Record<string, string> = {}) {
    const script = workerScript(given).join("\n");
    const { stderr, status } = spawnSync("/bin/sh", ["-c", script], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: `${folder}${delimiter}${process.env.PATH}`, ...environment },
    });
    const read = (name: string): string[] =>
      spawnSync("cat", [name], { cwd: folder, encoding: "utf8" }).stdout.split("\0").slice(0, -1);
    return {
      script,
      stderr,
      status,
      docker: read("docker.args"),
      aws: read("aws.args"),
      environment: read("docker.environment"),
      variables: read("docker.variables").filter((line) => !/^(_|PWD|OLDPWD|SHLVL)=/.test(line)),
    };
  }

  it("starts the worker like Lightly's documentation, with the token from Parameter Store", () => {
    const { docker, aws, environment, status, script } = run({ ...call, workerId: "0123456789abcdef01234567" });
    assert.deepEqual(docker, [
      "run",
      "--rm",
      "--shm-size=1024m",
      "--gpus=all",
      "-e",
      "LIGHTLY_TOKEN",
      "lightly/worker:latest",
      "worker.worker_id=0123456789abcdef01234567",
    ]);
    assert.deepEqual(aws, [
      ..."ssm get-parameter --with-decryption --name /lightly/token".split(" "),
      ..."--query Parameter.Value --output text".split(" "),
    ]);
    assert.equal(environment[0], TOKEN);
    assert.equal(status, 7, "the worker's exit code is not the command's");
    assert.ok(!script.includes(TOKEN));
  });

  it("reads the token from Secrets Manager", () => {
    const { aws } = run({ ...call, token: { from: "secret", name: "prod/lightly" } });
    assert.deepEqual(
      aws,
      "secretsmanager get-secret-value --secret-id prod/lightly --query SecretString --output text".split(" "),
    );
  });

  it("reports the missing permission of the instance's role if the token can't be read, and starts nothing", async () => {
    await rm(join(folder, "docker.args"), { force: true });
    const { stderr, status, docker } = run(call, { REFUSES: "yes" });
    assert.equal(status, 78);
    assert.match(stderr, /AccessDenied[\s\S]*parameter \/lightly\/token.*ssm:GetParameter/);
    assert.deepEqual(docker, []);
  });

  it("passes the worker all GPUs, none, or selected ones", () => {
    const gpus = (which: WorkerScriptOptions["gpus"]): string[] =>
      run({ ...call, gpus: which }).docker.filter((word) => word.startsWith("--gpus"));
    assert.deepEqual(gpus("all"), ["--gpus=all"]);
    assert.deepEqual(gpus("none"), []);
    assert.deepEqual(gpus({ ids: "0, 2" }), ['--gpus="device=0,2"']);
  });

  it("splits docker arguments like a shell, without expansion", () => {
    const { docker } = run({ ...call, dockerArguments: `-v "/my data:/data" --name 'it''s' $HOME * a\\ b "" ; id` });
    const at = docker.indexOf("LIGHTLY_TOKEN") + 1;
    assert.deepEqual(docker.slice(at, -1), [
      "-v",
      "/my data:/data",
      "--name",
      "its",
      "$HOME",
      "*",
      "a b",
      "",
      ";",
      "id",
    ]);
  });

  it("passes variables only to the container, and none to the shell or to docker, with any names", () => {
    const before = run(call).variables;
    const dangerous = {
      PATH: "/nowhere",
      LD_PRELOAD: "/nowhere/evil.so",
      LD_LIBRARY_PATH: "/nowhere",
      DOCKER_HOST: "tcp://127.0.0.1:9",
      DOCKER_CONFIG: "/nowhere",
      BASH_ENV: "/nowhere",
      ENV: "/nowhere",
      IFS: "x",
      HOME: "/nowhere",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      LINES_OF_TEXT: "one\ntwo",
      NONE: "",
    };
    const { docker, status, stderr, environment, variables } = run({ ...call, environment: dangerous });
    assert.deepEqual([status, stderr, environment[0]], [7, "", TOKEN]);
    assert.deepEqual(variables, before);
    const readFile = () => assert.fail("docker was given a file");
    const seen = parseDockerRun(docker.slice(1), { readFile, environment: { LIGHTLY_TOKEN: TOKEN } });
    assert.deepEqual(seen.environment, { LIGHTLY_TOKEN: TOKEN, ...dangerous });
    assert.equal(seen.image, "lightly/worker:latest");
  });

  it("passes every value unchanged, with any characters, and executes nothing", async () => {
    let seed = 20260609;
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    const text = (): string => Array.from({ length: random(12) + 1 }, () => HOSTILE[random(HOSTILE.length)]).join("");
    const texts = (): string[] => Array.from({ length: 5 }, text);
    const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
    // Several values for each shell, whose start takes most of the time.
    for (let round = 0; round < 30; round += 1) {
      const [workerId, args, extras, values] = [text(), texts(), texts(), texts()];
      const { docker, script } = run({
        ...call,
        workerId,
        args,
        dockerArguments: extras.map(quoted).join(" "),
        environment: Object.fromEntries(values.map((value, index) => [`NASTY_${index}`, value])),
      });
      assert.deepEqual(docker.slice(docker.indexOf("LIGHTLY_TOKEN") + 1), [
        ...values.flatMap((value, index) => ["-e", `NASTY_${index}=${value}`]),
        ...extras,
        "lightly/worker:latest",
        `worker.worker_id=${workerId}`,
        ...args,
      ]);
      assert.ok(!script.includes("{{"), "Systems Manager would replace what stands between two braces");
    }
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name === "pwned"),
      [],
    );
  });

  for (const [what, change, says] of [
    ["no token", { token: { from: "parameter", name: " " } }, /No token is given/],
    [
      "a file as the token's name",
      { token: { from: "parameter", name: "file:///etc/shadow" } },
      /not a valid name of a parameter/,
    ],
    [
      "an option as the token's name",
      { token: { from: "secret", name: "--endpoint-url=http://x" } },
      /not a valid name of a parameter/,
    ],
    ["an image that is an option", { image: "--privileged" }, /not a valid image name/],
    ["an image with a command behind it", { image: "a; rm -rf /" }, /not a valid image name/],
    ["GPUs that are no ids", { gpus: { ids: "0;1" } }, /not a valid list of GPUs/],
    ["half a MiB", { sharedMemoryMib: 0.5 }, /whole number of MiB/],
    ["the token as a variable", { environment: { LIGHTLY_TOKEN: "x" } }, /must not be part of a command/],
    ["the token as a docker argument", { dockerArguments: "-e LIGHTLY_TOKEN=x" }, /must not be part of a command/],
    ["a variable that is none", { environment: { "A B": "x" } }, /not a valid variable name/],
    ["a quote that is open", { dockerArguments: "-v 'a" }, /quote is not closed/],
    ["a NUL", { workerId: "a\0b" }, /NUL/],
  ] as ReadonlyArray<readonly [string, Partial<WorkerScriptOptions>, RegExp]>) {
    it(`refuses ${what}`, () => {
      assert.throws(() => workerScript({ ...call, ...change }), { code: "SSM_REQUEST_INVALID", message: says });
    });
  }
});

describe("splitWords", () => {
  it("splits like the shell", () => {
    const lines = ["", "  a   b ", `a'b c'"d e"f`, `'' ""`, `"a\\"b" 'c\\d' "e\\f" g\\\\h`, "a\tb\nc", `"$x" '\`y\`'`];
    for (const line of lines) {
      const escaped = line.replaceAll("$", "\\$").replaceAll("`", "\\`").replaceAll("'\\`y\\`'", "'`y`'");
      const { stdout } = spawnSync(
        "/bin/sh",
        ["-c", `for w in ${escaped.replaceAll("\n", " ")}; do printf '%s\\0' "$w"; done`],
        {
          encoding: "utf8",
        },
      );
      assert.deepEqual(splitWords(line), stdout.split("\0").slice(0, -1), line);
    }
  });
});
