import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { prepareS3Client } from "../../../src/services/s3/client/prepare-client.ts";

/** A received request. */
export interface Call {
  readonly operation: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The number of requests of this operation, including this one. */
  readonly count: number;
  readonly body: Buffer;
  readonly message: IncomingMessage;
  /** The port of the client's connection. */
  readonly port: number | undefined;
  readonly response: ServerResponse;
  /** Answers with S3's error form; a response to HEAD has no body. */
  refuse(status: number, code: string, more?: Refusal): void;
  /** Answers with a page, as a gateway does. */
  page(status: number, html: string): void;
  /** Responds like the stub without a script. */
  proceed(): void;
}

/** The parts of a refusal beside its code. */
export interface Refusal {
  readonly message?: string;
  /** Further elements of the document, such as `Header` or `Region`. */
  readonly elements?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredInStub {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The part of S3's wire format that an upload meets, in memory, with a script that may answer any request otherwise. What S3 does is judged
 * against the sandbox's S3; this one exists for what no S3 does on demand.
 */
export class S3Stub {
  readonly calls: Call[] = [];
  readonly objects = new Map<string, StoredInStub>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** Responds instead of the stub, or calls `call.proceed()`. */
  script: (call: Call) => void = (call) => call.proceed();
  readonly #createHeaders = new Map<string, IncomingHttpHeaders>();
  /** The listener of a server of another kind, such as https. */
  readonly answer: RequestListener = (message, response) => {
    this.#receive(message, response).catch(() => response.destroy());
  };
  readonly #server = createServer(this.answer);
  client = new S3Client({});

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(config: S3ClientConfig = {}): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.reopen(config);
  }

  /** Replaces the client. */
  reopen(config: S3ClientConfig): void {
    this.client.destroy();
    this.client = prepareS3Client(
      new S3Client({
        endpoint: this.url,
        region: "eu-central-1",
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
        forcePathStyle: true,
        ...config,
      }),
    );
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  operations(): string[] {
    return this.calls.map((call) => call.operation);
  }

  called(operation: string): Call[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "", "http://stub");
    const operation = operationOf(message.method ?? "", url.searchParams);
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk);
    }
    const call: Call = {
      operation,
      key: decodeURIComponent(url.pathname.split("/").slice(2).join("/")),
      query: url.searchParams,
      headers: message.headers,
      count: this.called(operation).length + 1,
      body: Buffer.concat(chunks),
      message,
      port: message.socket.remotePort,
      response,
      refuse: (status, code, { message: text = `${code}.`, elements = {}, headers = {} } = {}) => {
        const all = Object.entries({ Code: code, Message: text, ...elements });
        const xml = all.map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join("");
        const body = message.method === "HEAD" ? "" : `<Error>${xml}</Error>`;
        response.writeHead(status, { "content-type": "application/xml", ...headers }).end(body);
      },
      page: (status, html) => {
        response.writeHead(status, { "content-type": "text/html" }).end(message.method === "HEAD" ? "" : html);
      },
      proceed: () => this.#proceed(call),
    };
    this.calls.push(call);
    this.script(call);
  }

  #proceed(call: Call): void {
    const uploadId = call.query.get("uploadId") ?? "";
    const parts = this.uploads.get(uploadId);
    if (uploadId !== "" && parts === undefined) {
      call.refuse(404, "NoSuchUpload");
      return;
    }
    const isTaken = call.headers["if-none-match"] === "*" && this.objects.has(call.key);
    if (isTaken) {
      call.refuse(412, "PreconditionFailed");
      return;
    }
    const { response } = call;
    switch (call.operation) {
      case "HeadObject":
        this.#head(call);
        return;
      case "PutObject":
        this.#store(call, call.body, etagOf(call.body), call.headers);
        response.setHeader("etag", `"${etagOf(call.body)}"`);
        response.setHeader("x-amz-checksum-crc32", String(call.headers["x-amz-checksum-crc32"]));
        response.setHeader("x-amz-checksum-type", "FULL_OBJECT");
        response.end();
        return;
      case "CreateMultipartUpload": {
        const id = `upload-${call.count}`;
        this.uploads.set(id, new Map());
        this.#createHeaders.set(id, call.headers);
        response.end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
        return;
      }
      case "UploadPart":
        parts?.set(Number(call.query.get("partNumber")), call.body);
        response.setHeader("etag", `"${etagOf(call.body)}"`);
        response.setHeader("x-amz-checksum-crc32", String(call.headers["x-amz-checksum-crc32"]));
        response.end();
        return;
      case "CompleteMultipartUpload":
        this.#complete(call, parts ?? new Map(), uploadId);
        return;
      case "AbortMultipartUpload":
        this.uploads.delete(uploadId);
        response.writeHead(204).end();
        return;
      case "ListParts":
        response.end(`<ListPartsResult><UploadId>${uploadId}</UploadId></ListPartsResult>`);
        return;
      default:
        call.refuse(501, "NotImplemented");
    }
  }

  #complete(call: Call, parts: Map<number, Buffer>, uploadId: string): void {
    const bytes = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part));
    if (Number(call.headers["x-amz-mp-object-size"] ?? bytes.length) !== bytes.length) {
      call.refuse(400, "InvalidRequest");
      return;
    }
    const etag = `${etagOf(bytes)}-${parts.size}`;
    this.#store(call, bytes, etag, this.#createHeaders.get(uploadId) ?? {});
    this.uploads.delete(uploadId);
    call.response.end(`<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`);
  }

  #store({ key }: Call, bytes: Buffer, etag: string, headers: IncomingHttpHeaders): void {
    this.objects.set(key, { bytes, etag, headers });
  }

  #head({ key, response, refuse }: Call): void {
    const found = this.objects.get(key);
    if (found === undefined) {
      refuse(404, "NotFound");
      return;
    }
    response.writeHead(200, { "content-length": found.bytes.length, etag: `"${found.etag}"` }).end();
  }
}

/** Passes each test of a suite its own stub, whose client has this configuration. */
export function useS3Stub(assign: (stub: S3Stub) => void, config: S3ClientConfig = {}): void {
  let stub: S3Stub;
  beforeEach(async () => {
    stub = new S3Stub();
    assign(stub);
    await stub.listen(config);
  });
  afterEach(() => stub.close());
}

function operationOf(method: string, query: URLSearchParams): string {
  if (query.has("uploads")) {
    return method === "POST" ? "CreateMultipartUpload" : "ListMultipartUploads";
  }
  if (query.has("uploadId")) {
    const names: Record<string, string> = {
      PUT: "UploadPart",
      POST: "CompleteMultipartUpload",
      DELETE: "AbortMultipartUpload",
      GET: "ListParts",
    };
    return names[method] ?? method;
  }
  return { PUT: "PutObject", HEAD: "HeadObject", GET: "GetObject" }[method] ?? method;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** An ETag with the format of a digest. What it is computed from is the store's own business, and this is quicker than MD5. */
function etagOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(32, "0");
}
