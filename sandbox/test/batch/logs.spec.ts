import assert from "node:assert/strict";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createFaults, type Faults } from "../../src/faults/faults.ts";
import { type LogStore, openLogStore } from "../../src/logs/log-store.ts";
import { createLogsService } from "../../src/logs/logs-service.ts";
import { type RunningAws, startAws } from "../aws/aws-server.ts";
import { type Answer, type Ask, askAt } from "./ask.ts";

const GROUP = "/aws/batch/job";

describe("CloudWatch Logs", () => {
  let store: LogStore;
  let aws: RunningAws;
  let ask: Ask;
  let faults: Faults;
  let now = 1_000_000;
  const dir = temporaryFolder();
  before(async () => {
    store = openLogStore(dir, () => now);
    faults = createFaults();
    aws = await startAws({ others: [createLogsService({ store, faults })] });
    ask = askAt(aws.endpoint);
  });
  after(() => aws.close());

  const write = (stream: string, ...lines: string[]): void => {
    for (const line of lines) {
      now += 10;
      store.write(GROUP, stream, line);
    }
  };
  const read = (logStreamName: string, more: object = {}): Promise<Answer> =>
    ask.logs("GetLogEvents", { logGroupName: GROUP, logStreamName, startFromHead: true, ...more });
  const messages = ({ events }: Answer): string[] => events.map(({ message }: { message: string }) => message);
  const notFound = (what: string) => ({
    name: "ResourceNotFoundException",
    status: 400,
    message: new RegExp(`log ${what}`),
  });

  it("has neither group nor stream before the first line", async () => {
    await assert.rejects(read("a/default/1"), notFound("group"));
    write("a/default/1", "one");
    await assert.rejects(read("a/default/2"), notFound("stream"));
    assert.deepEqual(messages(await read("a/default/1")), ["one"]);
  });

  it("continues from a forward token, which is returned again at the end", async () => {
    write("follow", "one", "two", "three");
    const first = await read("follow", { limit: 2 });
    const second = await read("follow", { limit: 2, nextToken: first.nextForwardToken });
    const end = await read("follow", { nextToken: second.nextForwardToken });
    assert.deepEqual([first, second, end].map(messages), [["one", "two"], ["three"], []]);
    assert.equal(end.nextForwardToken, second.nextForwardToken);
    write("follow", "four");
    assert.deepEqual(messages(await read("follow", { nextToken: end.nextForwardToken })), ["four"]);
  });

  it("has empty pages before the end, with another token, if a fault asks for them", async () => {
    write("empty", "one", "two");
    faults.emptyLogPages = 2;
    const tokens: string[] = [];
    const seen: string[] = [];
    for (
      let nextToken: string | undefined;
      tokens.length < 2 || tokens.at(-1) !== tokens.at(-2);
      nextToken = tokens.at(-1)
    ) {
      const page = await read("empty", { nextToken });
      tokens.push(page.nextForwardToken);
      seen.push(...messages(page));
    }
    assert.deepEqual([seen, tokens.length], [["one", "two"], 4]);
  });

  it("keeps the beginning of an endless output", () => {
    const line = "x".repeat(1024 * 1024);
    const endless = openLogStore(temporaryFolder(), () => now);
    for (let count = 0; count < 70; count += 1) {
      endless.write(GROUP, "endless", line);
    }
    assert.equal(endless.find(GROUP, "endless")?.events.length, 64);
  });

  it("shows an event, and the stream with its first one, only after the lag", async () => {
    const slow = openLogStore(temporaryFolder(), () => now, 100);
    slow.write(GROUP, "slow", "one");
    assert.deepEqual([slow.hasGroup(GROUP), slow.find(GROUP, "slow")], [false, undefined]);
    now += 100;
    slow.write(GROUP, "slow", "two");
    assert.equal(slow.find(GROUP, "slow")?.events.length, 1);
  });

  it("has the group of a container that has written nothing yet", async () => {
    store.createGroup("/silent");
    const silent = { logGroupName: "/silent", logStreamName: "one", startFromHead: true };
    await assert.rejects(ask.logs("GetLogEvents", silent), notFound("stream"));
    await assert.rejects(ask.logs("GetLogEvents", { ...silent, logGroupName: "/none" }), notFound("group"));
  });

  it("returns the newest events by default, and goes back by the backward token", async () => {
    write("back", "one", "two", "three");
    const newest = await read("back", { startFromHead: false, limit: 2 });
    const older = await read("back", { startFromHead: false, limit: 2, nextToken: newest.nextBackwardToken });
    const end = await read("back", { startFromHead: false, nextToken: older.nextBackwardToken });
    assert.deepEqual([newest, older, end].map(messages), [["two", "three"], ["one"], []]);
    assert.equal(end.nextBackwardToken, older.nextBackwardToken);
  });

  it("limits a page to 1 MB, and to times from the start until before the end", async () => {
    write("large", "x".repeat(600_000), "y".repeat(600_000));
    assert.equal(messages(await read("large")).length, 1);
    write("times", "one", "two", "three");
    assert.deepEqual(messages(await read("times", { startTime: now - 10, endTime: now })), ["two"]);
  });

  it("refuses wrong tokens, a forward token without startFromHead, and two names of the group", async () => {
    write("tokens", "one");
    const refusal = { name: "InvalidParameterException", status: 400 };
    await assert.rejects(read("tokens", { nextToken: "x" }), refusal);
    const { nextForwardToken: nextToken } = await read("tokens");
    await assert.rejects(read("tokens", { nextToken, startFromHead: false }), refusal);
    await assert.rejects(read("tokens", { logGroupIdentifier: GROUP }), refusal);
    const logGroupIdentifier = `arn:aws:logs:eu-central-1:123456789012:log-group:${GROUP}`;
    assert.deepEqual(messages(await read("tokens", { logGroupName: undefined, logGroupIdentifier })), ["one"]);
  });

  it("filters the events of several streams by name, text and time, in pages", async () => {
    write("many/1", "first error");
    write("many/2", "second", "third error");
    const filter = (more: object) => ask.logs("FilterLogEvents", { logGroupName: GROUP, ...more });
    const all = await filter({ logStreamNamePrefix: "many/", limit: 2 });
    assert.deepEqual(messages(all), ["first error", "second"]);
    assert.equal(all.events[0].logStreamName, "many/1");
    assert.notEqual(all.events[0].eventId, all.events[1].eventId);
    const rest = await filter({ logStreamNamePrefix: "many/", limit: 2, nextToken: all.nextToken });
    assert.deepEqual([messages(rest), rest.nextToken], [["third error"], undefined]);
    assert.deepEqual(messages(await filter({ logStreamNames: ["many/2"], filterPattern: '"error"' })), ["third error"]);
    await assert.rejects(filter({ logGroupName: "other" }), notFound("group"));
  });

  it("describes streams, throttles, and survives a restart", async () => {
    const { logStreams } = await ask.logs("DescribeLogStreams", { logGroupName: GROUP, logStreamNamePrefix: "many/" });
    assert.deepEqual(
      logStreams.map(({ logStreamName }: { logStreamName: string }) => logStreamName),
      ["many/1", "many/2"],
    );
    aws.faults.add({ service: "logs", kind: "throttle", times: 1 });
    await assert.rejects(read("follow"), { name: "ThrottlingException", status: 400 });
    const again = openLogStore(dir, () => now);
    assert.deepEqual(again.find(GROUP, "follow")?.events, store.find(GROUP, "follow")?.events);
  });
});
