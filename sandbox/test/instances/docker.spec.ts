import assert from "node:assert/strict";
import { CancelCommandCommand } from "@aws-sdk/client-ssm";
import { eventually, isAlive, type Running, startRunning } from "./running-sandbox.ts";

describe("docker on an instance", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning();
    await cloud.boot();
  });
  after(() => cloud.close());

  const TWO_DAYS = { Parameters: { executionTimeout: ["172800"] } };
  const docker = async (args: string) => {
    const { ResponseCode, StandardOutputContent = "", StandardErrorContent = "" } = await cloud.run(`docker ${args}`);
    return { code: ResponseCode, out: StandardOutputContent, err: StandardErrorContent };
  };
  const workerState = async (): Promise<string | undefined> => {
    const { lightly } = cloud.sandbox.endpoints;
    const answer = await fetch(`${lightly}/v1/docker/worker?token=${cloud.sandbox.token}`);
    return ((await answer.json()) as Array<{ state: string }>)[0]?.state;
  };
  const containers = async (): Promise<string[]> => (await docker("ps -q")).out.split("\n").filter(Boolean);

  it("runs the worker for the user's own script, whose command lasts as long as the worker", async () => {
    const command = await cloud.send("sh /home/ubuntu/run.sh", TWO_DAYS);
    await eventually("the worker to look for work", async () => (await workerState()) === "IDLE");
    assert.equal((await cloud.look(command))?.Status, "InProgress");
    const [container] = await containers();
    assert.match((await docker("ps")).out, /lightly\/worker:latest +Up +sandbox_/);
    assert.equal((await docker(`stop ${container}`)).code, 0);
    const end = await cloud.ended(command);
    assert.notEqual(end.StandardOutputContent, "");
    assert.deepEqual(await containers(), []);
  });

  it("keeps a container running if only its client is killed, and ends it with the instance", async () => {
    const command = await cloud.send("sh /home/ubuntu/run.sh", TWO_DAYS);
    await eventually("the container", async () => (await containers()).length === 1);
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: command }));
    assert.equal((await cloud.ended(command)).Status, "Cancelled");
    assert.equal((await containers()).length, 1);
    await cloud.halt();
    const { body } = await cloud.control("GET", "state");
    assert.equal((body.instances as Array<{ processes: number }>)[0]?.processes, 0);
    await cloud.boot();
    assert.deepEqual(await containers(), []);
  });

  it("starts a container in the background, whose name is in use until it is removed", async () => {
    const start = "run -d --name worker -e LIGHTLY_TOKEN=$TOKEN lightly/worker";
    const script = `TOKEN=${cloud.sandbox.token}\ndocker ${start}`;
    const first = await cloud.run(script);
    assert.match(first.StandardOutputContent ?? "", /^[0-9a-f]{64}\n$/);
    const second = await cloud.run(script);
    assert.equal(second.ResponseCode, 125);
    assert.match(second.StandardErrorContent ?? "", /The container name "\/worker" is already in use/);
    assert.equal((await docker("rm worker")).code, 1);
    // A command with an unset variable.
    assert.equal((await docker("stop ''")).code, 1);
    assert.equal((await containers()).length, 1);
    assert.equal((await docker("kill worker")).out, "worker\n");
    assert.match((await docker("ps -a")).out, /Exited +worker/);
    assert.equal((await docker("logs worker")).code, 0);
    assert.equal((await docker("rm worker")).code, 0);
    assert.match((await docker("logs worker")).err, /No such container: worker/);
  });

  it("describes its limits", async () => {
    const other = await docker("run --rm ubuntu echo hello");
    assert.equal(other.code, 125);
    assert.match(other.err, /only runs the image lightly\/worker/);
    const terminal = await docker("run -it lightly/worker");
    assert.deepEqual([terminal.code, terminal.err], [1, "the input device is not a TTY\n"]);
    assert.match((await docker("--version")).out, /stand-in/);
    assert.equal((await docker("pull lightly/worker:latest")).code, 0);
    assert.equal((await docker("pull ubuntu")).code, 1);
    assert.match((await docker("compose up")).err, /'compose' is not available/);
    const gpu = await cloud.run("nvidia-smi");
    assert.match(gpu.StandardErrorContent ?? "", /no GPU/);
    const sudo = await cloud.run("sudo -n -u root -E A=1 sh -c 'echo $A'");
    assert.equal(sudo.StandardOutputContent, "1\n");
  });

  it("returns the worker's exit code to the script", async () => {
    const end = await cloud.run("docker run --rm lightly/worker worker.worker_id=nonsense; echo $?");
    assert.match(end.StandardOutputContent ?? "", /[1-9]\d*\n$/);
  });

  it("leaves no process of an instance when the sandbox ends", async () => {
    const pidFile = "/home/ubuntu/pid";
    const end = await cloud.run(`sleep 600 >/dev/null 2>&1 & echo $! > ${pidFile}; cat ${pidFile}`);
    const pid = Number(end.StandardOutputContent);
    assert.ok(isAlive(pid));
    await cloud.close();
    assert.ok(!isAlive(pid));
    cloud = await startRunning();
  });
});
