import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptCommand } from "../../../src/services/ssm/script-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const NASTY = [
  "",
  " ",
  "two words",
  "tab\there",
  "line one\nline two\n",
  "it's",
  "'",
  "''",
  "'; touch pwned; '",
  '"double"',
  "$(touch pwned)",
  "`touch pwned`",
  "$HOME $PATH $$ \u0024{PATH}",
  "a;touch pwned",
  "a && touch pwned || touch pwned & touch pwned",
  "| touch pwned",
  "> pwned",
  "< /etc/passwd",
  "* ? [a-z] ~ ~root",
  "\\",
  "\\'",
  "\\n",
  "-n",
  "--help",
  "!history",
  "#comment",
  "{{ssm:secret}}",
  "{{{ global:DATE_TIME }}}",
  "a{b}{{c",
  "größe 視頻 🎬",
  "\u001b[31m\r\u0007",
  "%s %d",
  "$'\\x41'",
  "=",
];

/** Prints its arguments and the variables V0, V1, ..., each with a trailing NUL. */
const ECHO = `#!/bin/sh
for one in "$@"; do printf '%s\\0' "$one"; done
`;

describe("scriptCommand", () => {
  const folder = temporaryFolder("script command ");

  const run = (call: Parameters<typeof scriptCommand>[0], shell = "/bin/sh", cwd = folder) =>
    spawnSync(shell, ["-c", scriptCommand(call).join("\n")], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });

  const write = async (name: string, content: string, mode = 0o755): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  };

  const argsOf = (stdout: string): string[] => stdout.split("\0").slice(0, -1);

  for (const shell of ["/bin/sh", "/bin/bash"]) {
    it("passes the script its environment, including loader variables, and starts no other program with it", async () => {
      const script = join(folder, "environment");
      await writeFile(script, 'printf \'%s|\' "$PATH" "$LD_LIBRARY_PATH" "$DOCKER_HOST" "$IFS"\n');
      const environment = { IFS: "nx/", PATH: "/nowhere", LD_LIBRARY_PATH: "/none", DOCKER_HOST: "tcp://127.0.0.1:9" };
      const { stdout, stderr, status } = run({ script, environment });
      assert.deepEqual([status, stderr], [0, ""]);
      // A shell ignores IFS in its environment.
      assert.equal(stdout, "/nowhere|/none|tcp://127.0.0.1:9| \t\n|");
    });

    it(`passes every argument unchanged, and executes nothing in it (${shell})`, async () => {
      const script = await write("echo.sh", ECHO);
      const { stdout, stderr, status } = run({ script, args: NASTY }, shell);
      assert.deepEqual(argsOf(stdout), NASTY);
      assert.equal(stderr, "");
      assert.equal(status, 0);
      assert.ok(!(await readdir(folder)).includes("pwned"));
    });
  }

  it("passes every variable unchanged", async () => {
    const names = NASTY.map((_, index) => `V${index}`);
    const script = await write("env.sh", `#!/bin/sh\nprintf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}\n`);
    const environment = Object.fromEntries(NASTY.map((value, index) => [`V${index}`, value]));
    const { stdout, stderr } = run({ script, environment });
    assert.deepEqual(argsOf(stdout), NASTY);
    assert.equal(stderr, "");
    assert.ok(!(await readdir(folder)).includes("pwned"));
  });

  it("runs a script whose path contains spaces, quotes, substitutions and newlines", async () => {
    for (const name of [
      "it's $(touch pwned)",
      "`touch pwned`\nnew line",
      '"$HOME" ;touch pwned',
      "-rf",
      "*",
      "{{ssm:x}}",
    ]) {
      const script = await write(name, ECHO);
      const { stdout, stderr } = run({ script, args: ["in", name] });
      assert.equal(stderr, "");
      assert.deepEqual(argsOf(stdout), ["in", name]);
    }
    assert.ok(!(await readdir(folder)).includes("pwned"));
  });

  it("passes 400 random texts unchanged", async () => {
    const script = await write("fuzz.sh", ECHO);
    const alphabet = [..."'\"`$(){}[]\\ \n\t;&|<>*?~!#%=-_^,.:@/abzAZ09é🎬"];
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const texts = Array.from({ length: 400 }, () =>
      Array.from({ length: random(30) }, () => alphabet[random(alphabet.length)]).join(""),
    );
    for (let at = 0; at < texts.length; at += 100) {
      const args = texts.slice(at, at + 100);
      const { stdout, stderr, status } = run({ script, args });
      assert.deepEqual(argsOf(stdout), args);
      assert.equal(stderr, "");
      assert.equal(status, 0);
    }
  });

  it("never contains two adjacent braces, which Systems Manager would replace by a stored value", () => {
    const text = scriptCommand({ script: "/{{a", args: ["{{ssm:b}}", "{{{{"], environment: { C: "x{{y" } }).join("\n");
    assert.ok(!text.includes("{{"), text);
  });

  it("runs a script without a #! line by bash, executable or not", async () => {
    for (const mode of [0o755, 0o644]) {
      const script = await write("no-shebang.sh", 'test -n "$BASH_VERSION" && echo "bash $1"\n', mode);
      assert.equal(run({ script, args: ["x"] }).stdout, "bash x\n");
    }
  });

  it("uses the #! line behind a byte order mark", async () => {
    for (const mode of [0o755, 0o644]) {
      const script = await write("bom.txt", "\uFEFF#!/bin/echo -a\n", mode);
      assert.equal(run({ script, args: ["x"] }).stdout, `-a ${script} x\n`);
    }
  });

  it("runs a script without a #! line by sh if there is no bash", async () => {
    const script = await write("plain.sh", 'echo "sh $1"\n');
    const bin = join(folder, "bin");
    await mkdir(bin);
    await write("bin/sh", '#!/bin/sh\necho "the sh in PATH" >&2\nexec /bin/sh "$@"\n');
    const result = spawnSync("/bin/sh", ["-c", scriptCommand({ script, args: ["x"] }).join("\n")], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: bin },
    });
    assert.equal(result.stderr, "the sh in PATH\n");
    assert.equal(result.stdout, "sh x\n");
  });

  it("uses the #! line of a script that is not executable", async () => {
    const script = await write("tool", `#!/usr/bin/env node\nconsole.log(process.argv.slice(2).join("|"));\n`, 0o644);
    assert.equal(run({ script, args: ["a b", "*"] }).stdout, "a b|*\n");
  });

  it("runs a binary", () => {
    assert.equal(run({ script: "/bin/echo", args: ["a  b"] }).stdout, "a  b\n");
  });

  it("ends with the script's exit code", async () => {
    assert.equal(run({ script: await write("exit.sh", "exit 42\n") }).status, 42);
  });

  it("ends with 127 and a message if there is no such script", () => {
    const { status, stderr } = run({ script: "/nowhere/$(id)/run.sh" });
    assert.equal(status, 127);
    assert.equal(stderr, "There is no script /nowhere/$(id)/run.sh on this instance.\n");
  });

  it("resolves a relative path in the working directory, never in PATH", async () => {
    for (const content of ["echo mine\n", "#!/bin/sh\necho mine\n"]) {
      await write("ls", content);
      assert.equal(run({ script: "ls" }).stdout, "mine\n");
    }
    assert.equal(run({ script: "uname" }).status, 127);
  });

  it("finds the interpreter even if the script's PATH is invalid", async () => {
    const script = await write("path.sh", "/usr/bin/env\n");
    const { stdout } = run({ script, environment: { PATH: "/nowhere", IFS: "/" } });
    assert.match(stdout, /^PATH=\/nowhere$/m);
  });

  it("adds no variable to the script's environment", async () => {
    const script = await write("vars.sh", "#!/bin/sh\n/usr/bin/env\n");
    assert.doesNotMatch(run({ script, environment: { MINE: "1" } }).stdout, /^(?:script|first|line)=/m);
  });

  it("refuses an invalid name of a variable", () => {
    for (const name of ["", "1A", "A-B", "A B", "A=B", "A;touch pwned", "A\n"]) {
      assert.throws(() => scriptCommand({ script: "/a", environment: { [name]: "x" } }), {
        code: "SSM_REQUEST_INVALID",
      });
    }
  });

  it("refuses a NUL, an empty path, and a home directory that root does not have", () => {
    for (const call of [
      { script: "/a\0b" },
      { script: "/a", args: ["x\0"] },
      { script: "/a", environment: { A: "\0" } },
      { script: "" },
      { script: " \n" },
      { script: "~/run.sh" },
    ]) {
      assert.throws(() => scriptCommand(call), { code: "SSM_REQUEST_INVALID" }, JSON.stringify(call));
    }
  });
});
