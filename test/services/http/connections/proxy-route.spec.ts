import { equal, ok, throws } from "node:assert/strict";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { matchesNoProxy } from "../../../../src/services/http/connections/no-proxy.ts";
import { readProxies } from "../../../../src/services/http/connections/proxy-route.ts";

describe("the proxy of a request", () => {
  const routeOf = (url: string, environment: Record<string, string>, ofAccount?: string): string | undefined => {
    const { protocol, hostname, port } = new URL(url);
    const isSecure = protocol === "https:";
    const target = { isSecure, host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (isSecure ? 443 : 80) };
    return readProxies(ofAccount, environment)?.(target)?.name;
  };
  const HTTPS = { HTTPS_PROXY: "http://secure:3128" };
  const AWS = "https://s3.eu-central-1.amazonaws.com/";

  for (const [what, url, environment, expected, ofAccount] of [
    ["none", AWS, {}, undefined],
    ["HTTPS_PROXY for https", AWS, HTTPS, "http://secure:3128"],
    ["https_proxy for https", AWS, { https_proxy: "http://secure:3128" }, "http://secure:3128"],
    ["https_proxy rather than HTTPS_PROXY", AWS, { ...HTTPS, https_proxy: "http://lower:1" }, "http://lower:1"],
    ["none for http if there is HTTPS_PROXY only", "http://example.com/", HTTPS, undefined],
    ["HTTP_PROXY for http", "http://example.com/", { HTTP_PROXY: "http://plain:3128" }, "http://plain:3128"],
    ["ALL_PROXY for the rest", AWS, { ALL_PROXY: "http://all:3128" }, "http://all:3128"],
    ["HTTPS_PROXY rather than ALL_PROXY", AWS, { ...HTTPS, ALL_PROXY: "http://all:3128" }, "http://secure:3128"],
    ["without a scheme an HTTP proxy", AWS, { HTTPS_PROXY: "proxy:3128" }, "http://proxy:3128"],
    ["an https proxy", AWS, { HTTPS_PROXY: "https://proxy:8443" }, "https://proxy:8443"],
    ["named without its password", AWS, { HTTPS_PROXY: "http://user:pass@proxy:3128" }, "http://proxy:3128"],
    ["that of the account", AWS, HTTPS, "http://own:1", "http://own:1"],
    ["that of the account for http, too", "http://example.com/", HTTPS, "http://own:1", "http://own:1"],
    ["none if the account says so", AWS, HTTPS, undefined, "none"],
    ["none for a host in NO_PROXY", AWS, { ...HTTPS, NO_PROXY: "amazonaws.com" }, undefined],
    ["none for a host in no_proxy, also of an account", AWS, { no_proxy: "amazonaws.com" }, undefined, "http://own:1"],
    ["none for this machine", "https://localhost:9000/", HTTPS, undefined, "http://own:1"],
    ["none for a name of this machine", "https://bucket.localhost/", HTTPS, undefined],
    ["none for an address of this machine", "https://127.8.9.1/", HTTPS, undefined],
    ["none for this machine over IPv6", "https://[::1]/", HTTPS, undefined],
    ["none for the metadata service", "http://169.254.169.254/latest", { HTTP_PROXY: "http://plain:1" }, undefined],
    ["none for the metadata service over IPv6", "http://[fd00:ec2::254]/", { HTTP_PROXY: "http://plain:1" }, undefined],
    [
      "HTTPS_PROXY beside a SOCKS proxy for other programs",
      AWS,
      { ...HTTPS, all_proxy: "socks5://a:1" },
      "http://secure:3128",
    ],
    ["none for a host in NO_PROXY, whatever the proxy", AWS, { ALL_PROXY: "socks5://a:1", NO_PROXY: "*" }, undefined],
    ["none for this machine, whatever the proxy", "https://localhost/", { ALL_PROXY: "socks5://a:1" }, undefined],
    ["used for private addresses", "https://10.1.2.3/", HTTPS, "http://secure:3128"],
  ] as const) {
    it(`is ${what}`, () => equal(routeOf(url, environment, ofAccount), expected));
  }

  for (const [setting, text] of [
    ["socks5://127.0.0.1:1080", /ALL_PROXY is a SOCKS proxy, which is not supported/],
    ["ftp://user:secret@proxy", /ALL_PROXY is not an address of a proxy/],
    ["http://", /ALL_PROXY is not an address of a proxy/],
  ] as const) {
    it(`is refused with its variable if it is ${setting}, and without its password`, () => {
      throws(
        () => routeOf(AWS, { ALL_PROXY: setting }),
        ({ code, message }: PipelineError) => {
          equal(code, "INPUT_INVALID");
          ok(text.test(message) && !message.includes("secret"), message);
          return true;
        },
      );
    });
  }
});

describe("the user name and password of a proxy", () => {
  for (const setting of [
    "http://DOMAIN\\user:secret@proxy:3128",
    "http://user:sec#ret@proxy:3128",
    "http://user:sec/ret@proxy:3128",
    "user:sec?ret@proxy:3128",
  ]) {
    it(`must be percent-encoded, and are in no text: ${setting}`, () => {
      const target = { isSecure: true, host: "s3.eu-central-1.amazonaws.com", port: 443 };
      for (const find of [
        () => readProxies(setting, {}),
        () => readProxies(undefined, { HTTPS_PROXY: setting })?.(target),
      ]) {
        throws(find, ({ code, message }: PipelineError) => {
          equal(code, "INPUT_INVALID");
          ok(/Percent-encode it: %5C for \\, %23 for #/.test(message) && !message.includes("user:"), message);
          return true;
        });
      }
    });
  }
});

describe("NO_PROXY", () => {
  for (const [entries, host, port, expected] of [
    ["", "example.com", 443, false],
    ["*", "example.com", 443, true],
    ["example.com", "example.com", 443, true],
    ["example.com", "a.b.example.com", 443, true],
    ["example.com", "notexample.com", 443, false],
    [".example.com", "a.example.com", 443, true],
    ["*.example.com", "a.example.com", 443, true],
    ["EXAMPLE.com", "a.Example.COM", 443, true],
    ["example.com.", "example.com", 443, true],
    ["example.com", "example.com.", 443, true],
    ["a.com, b.com c.com", "x.c.com", 443, true],
    ["example.com:8443", "example.com", 8443, true],
    ["example.com:8443", "example.com", 443, false],
    ["10.0.0.0/8", "10.200.1.1", 443, true],
    ["10.0.0.0/8", "11.0.0.1", 443, false],
    ["10.0.0.0/8", "ten.example.com", 443, false],
    ["10.0.0.0/99", "10.0.0.1", 443, false],
    ["fd00::/8", "fd12::1", 443, true],
    ["192.168.1.1", "192.168.1.1", 80, true],
    ["192.168.1.1:80", "192.168.1.1", 81, false],
    ["::1", "::1", 443, true],
    ["[2001:db8::1]:443", "2001:db8::1", 443, true],
    [",, ,", "example.com", 443, false],
  ] as const) {
    it(`${expected ? "excepts" : "does not except"} ${host}:${port} by "${entries}"`, () =>
      equal(matchesNoProxy({ host, port }, entries), expected));
  }
});
