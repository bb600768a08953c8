import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { toPipelineError } from "../../../src/errors/pipeline-error.ts";
import { pictureType } from "../../../src/plugins/frames/picture-type.ts";
import { sendPicture } from "../../../src/plugins/frames/send-picture.ts";
import { createLightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { platformFrames } from "../../../src/services/results/platform-frames.ts";
import { useNoAllowedHosts } from "../../services/http/allowed.ts";
import { type Answer, type FileServer, serve } from "../../services/http/file-server.ts";

const PICTURES: Readonly<Record<string, Buffer>> = {
  "image/jpeg": Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"),
  "image/png": Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex"),
  "image/gif": Buffer.from("GIF89a\x01\x00\x01\x00\x00\x00\x00;", "latin1"),
  "image/webp": Buffer.from("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00", "latin1"),
  "image/avif": Buffer.from("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1", "latin1"),
  "image/bmp": Buffer.concat([Buffer.from("BM"), Buffer.alloc(12), Buffer.from([40, 0, 0, 0]), Buffer.alloc(36)]),
};
const PAGE = "<html><script>alert(document.domain)</script></html>";
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;

describe("pictureType", () => {
  for (const [type, bytes] of Object.entries(PICTURES)) {
    it(`detects ${type} by its first bytes`, () => assert.equal(pictureType(bytes), type));
  }

  for (const [name, text] of Object.entries({
    "a page": PAGE,
    "a drawing with scripts": DRAWING,
    "a drawing behind a declaration": `<?xml version="1.0"?>${DRAWING}`,
    "a script": "alert(1)",
    "text that begins with BM": `BM${PAGE}`,
    "a sound in RIFF": "RIFF\x1a\x00\x00\x00WAVEfmt ",
    "a video": "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
    "a page behind a blank": ` GIF89a${PAGE}`,
    JSON: `{"a":1}`,
    PDF: "%PDF-1.7",
    nothing: "",
    "two bytes of a JPEG": "\xff\xd8",
  })) {
    it(`does not accept ${name} as a picture`, () => assert.equal(pictureType(Buffer.from(text, "latin1")), undefined));
  }
});

describe("a frame's picture over the admin API", () => {
  useNoAllowedHosts();

  let store: FileServer | undefined;
  let inner: FileServer | undefined;
  const servers: Server[] = [];
  const stores: FileServer[] = [];
  afterEach(async () => {
    await Promise.all([...stores.splice(0), ...(inner ? [inner] : [])].map((one) => one.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    inner = undefined;
  });

  /** Requests a frame whose picture is on the Lightly server, or `elsewhere`. */
  async function ask(answer: Answer, o: { elsewhere?: string; kind?: "picture" | "thumbnail" } = {}) {
    const { elsewhere, kind = "picture" } = o;
    store = await serve((request, response, count) => {
      if (request.url?.includes("/readurl")) {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(elsewhere ?? store?.url("/frame.png").href));
      } else {
        answer(request, response, count);
      }
    });
    stores.push(store);
    const client = createLightlyClient({ token: "token", server: store.url("").origin });
    const selection = platformFrames({ client, datasetId: "d".repeat(24), tagId: "f".repeat(24) });
    const frame = { selection, sampleId: "e".repeat(24), fileName: "a.png" };
    const express = createRequire(createRequire(import.meta.url).resolve("node-red"))("express") as () => Express;
    const app = express();
    app.get("/", (request, response) => {
      sendPicture({ frame, kind, request, response, signal: new AbortController().signal }).catch((thrown: unknown) => {
        if (response.headersSent) {
          response.destroy();
        } else {
          response.status(502).json({ code: toPipelineError(thrown).code, message: toPipelineError(thrown).message });
        }
      });
    });
    const server = createServer(app).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return { response, body: await response.bytes().catch(() => "broken off" as const) };
  }

  const sending =
    (body: Buffer | string, type: string): Answer =>
    (_request, response) => {
      response.writeHead(200, { "content-type": type });
      response.end(body);
    };

  async function isRefused(answer: Answer, code: string, o: Parameters<typeof ask>[1] = {}): Promise<string> {
    const { response, body } = await ask(answer, o);
    const text = Buffer.from(body).toString();
    assert.equal(response.status, 502);
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    assert.equal((JSON.parse(text) as { code: string }).code, code);
    assert.equal(response.headers.get("cache-control"), "no-store");
    return text;
  }

  for (const [type, bytes] of Object.entries(PICTURES)) {
    for (const told of [type, "application/octet-stream", "text/plain", "image/svg+xml"]) {
      it(`has the type ${type} of its bytes if the server declares ${told}`, async () => {
        const { response, body } = await ask(sending(bytes, told));
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), type);
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal(response.headers.get("content-security-policy"), "default-src 'none'; sandbox");
        assert.ok(bytes.equals(body as Uint8Array));
      });
    }
  }

  for (const [name, text, type] of [
    ["a page that is called a picture", PAGE, "image/png"],
    ["a drawing", DRAWING, "image/svg+xml"],
    ["a drawing that is called a picture", DRAWING, "image/png"],
    ["a script", "alert(1)", "text/javascript"],
  ] as const) {
    it(`is never ${name}`, async () => {
      const answered = await isRefused(sending(text, type), "SOURCE_NOT_MEDIA");
      assert.ok(!answered.includes("alert"));
    });
  }

  it("is detected by its first bytes even if they arrive one by one", async () => {
    const bytes = PICTURES["image/png"] as Buffer;
    const { response, body } = await ask((_request, response) => {
      response.write(bytes.subarray(0, 3), () => {
        setImmediate(() => response.end(bytes.subarray(3)));
      });
    });
    assert.equal(response.headers.get("content-type"), "image/png");
    assert.ok(bytes.equals(body as Uint8Array));
  });

  it("is not requested from a non-public address, whose content is not reported", async () => {
    inner = await serve((_request, response) => response.end(PICTURES["image/png"]));
    const elsewhere = inner.url("/").href;
    await isRefused(sending("", "image/png"), "SOURCE_ADDRESS_REFUSED", { elsewhere });
    assert.equal(inner.requests.length, 0);
    await isRefused(sending("", "image/png"), "SOURCE_ADDRESS_REFUSED", {
      elsewhere: "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
      kind: "thumbnail",
    });
  });

  it("is limited in size, with or without a declared length", async () => {
    const large = Buffer.concat([PICTURES["image/png"] as Buffer, Buffer.alloc(5 * 2 ** 20)]);
    const announced: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": large.length });
      response.end(large);
    };
    await isRefused(announced, "SOURCE_TOO_LARGE", { kind: "thumbnail" });
    const { body } = await ask(sending(large, "image/png"), { kind: "thumbnail" });
    assert.equal(body, "broken off");
  });
});
