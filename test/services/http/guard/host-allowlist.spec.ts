import assert from "node:assert/strict";
import {
  allowHosts,
  hostEntry,
  invalidEntries,
  isAllowed,
  targetOf,
} from "../../../../src/services/http/guard/host-allowlist.ts";
import { useNoAllowedHosts } from "../allowed.ts";

describe("the allowed hosts", () => {
  useNoAllowedHosts();

  const allows = (url: string, address?: string): boolean => isAllowed(targetOf(new URL(url)), address);

  for (const [entry, url, address, expected] of [
    ["nas.local", "http://nas.local/a", "10.0.0.5", true],
    ["nas.local", "https://NAS.local.:8443/a", "10.0.0.5", true],
    ["nas.local", "http://nas.local.evil.example/a", "10.0.0.5", false],
    ["nas.local:9000", "http://nas.local:9000/a", "10.0.0.5", true],
    ["nas.local:9000", "http://nas.local/a", "10.0.0.5", false],
    ["nas.local:443", "https://nas.local/a", "10.0.0.5", true],
    ["10.0.0.5", "http://nas.local/a", "10.0.0.5", true],
    ["10.0.0.5", "http://nas.local/a", "10.0.0.6", false],
    ["10.0.0.5:80", "http://10.0.0.5:81/a", undefined, false],
    ["10.0.0.0/8", "http://10.9.9.9/a", undefined, true],
    ["10.0.0.0/8", "http://nas.local/a", "11.0.0.1", false],
    ["10.0.0.0/8", "http://nas.local/a", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "http://nas.local/a", undefined, false],
    ["::1", "http://[::1]:8080/a", undefined, true],
    ["[::1]:8080", "http://[::1]:8080/a", undefined, true],
    ["[::1]:8080", "http://[::1]:8081/a", undefined, false],
    ["fd00::/8", "http://nas.local/a", "fd12::1", true],
    ["fe80::1", "http://nas.local/a", "fe80::1%eth0", true],
    ["2130706433", "http://127.0.0.1/", undefined, true],
  ] as const) {
    it(`${expected ? "allow" : "do not allow"} ${url}${address ? ` at ${address}` : ""} by "${entry}"`, () => {
      allowHosts([entry]);
      assert.equal(allows(url, address), expected);
    });
  }

  it("come from Node-RED's settings and from the environment, as an array or a comma-separated string", () => {
    process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "a.local, b.local,";
    allowHosts("c.local , d.local");
    assert.deepEqual(
      ["a", "b", "c", "d", "e"].map((name) => allows(`http://${name}.local/`)),
      [true, true, true, true, false],
    );
    allowHosts(["e.local"]);
    assert.deepEqual([allows("http://c.local/"), allows("http://e.local/")], [false, true]);
  });

  for (const setting of [undefined, null, true, 7, {}, [7, null, {}], ["", " "]]) {
    it(`are none for the setting ${JSON.stringify(setting)}`, () => {
      allowHosts(setting);
      assert.equal(allows("http://7/"), false);
      assert.deepEqual(invalidEntries(), []);
    });
  }

  it("report invalid entries, which allow nothing", () => {
    const entries = [
      "http://nas.local",
      "10.0.0.0/33",
      "10.0.0/8",
      "fd00::/129",
      "a b",
      "[::1",
      "*",
      "*.local",
      "nas:x",
    ];
    allowHosts([...entries, "fine.local"]);
    assert.deepEqual(invalidEntries(), entries);
    assert.equal(allows("http://nas.local/"), false);
  });

  it("include an account's own host and port, and nothing else", () => {
    assert.deepEqual(hostEntry("http://127.0.0.1:8080/api"), ["127.0.0.1:8080"]);
    assert.deepEqual(hostEntry("https://lightly.local"), ["lightly.local:443"]);
    assert.deepEqual(hostEntry("http://[::1]:9000"), ["[::1]:9000"]);
    assert.deepEqual(hostEntry("no address"), []);
  });
});
