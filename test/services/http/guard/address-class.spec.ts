import assert from "node:assert/strict";
import { addressClass } from "../../../../src/services/http/guard/address-class.ts";

/** All special-purpose address registries of IANA, and embedded addresses. */
const NOT_PUBLIC: Readonly<Record<string, readonly string[]>> = {
  unspecified: ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fec0::1"],
  "link-local": ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1", "::ffff:a9fe:a9fe"],
  "carrier-grade NAT": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
  "unique local": ["fc00::1", "fd00:ec2::254", "fd20:ce::254"],
  multicast: ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"],
  "cloud metadata": ["168.63.129.16", "::ffff:168.63.129.16"],
  reserved: [
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    // IPv4 embedded in IPv6 in forms that no public host uses: compatible, translated, 6to4, Teredo, NAT64 for local use.
    "::7f00:1",
    "::a00:1",
    "::ffff:0:7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    // Not assigned.
    "1::1",
    "4000::1",
    "e000::1",
    "not an address",
    "",
  ],
};

describe("addressClass", () => {
  for (const [expected, addresses] of Object.entries(NOT_PUBLIC)) {
    for (const address of addresses) {
      it(`classifies ${address || "an empty string"} as ${expected}`, () => {
        assert.equal(addressClass(address), expected);
      });
    }
  }

  for (const address of ["1.1.1.1", "93.184.215.14", "172.15.0.1", "172.32.0.1", "100.63.255.255", "223.255.255.255"]) {
    it(`classifies ${address} as public`, () => {
      assert.equal(addressClass(address), undefined);
    });
  }

  for (const address of ["2606:4700::1111", "2a00:1450:4001::200e", "::ffff:1.1.1.1", "64:ff9b::101:101"]) {
    it(`classifies ${address} as public`, () => {
      assert.equal(addressClass(address), undefined);
    });
  }
});
