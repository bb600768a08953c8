import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { StudioRefusal } from "./studio-request.ts";

/** An object as it was listed. */
export interface StoredObject {
  readonly uri: string;
  readonly size: number;
  readonly version: string;
}

/** Objects by their URIs, with the credentials and the endpoint of the environment. */
export function openObjects() {
  const s3 = new S3Client({ forcePathStyle: true });
  const get = async (uri: string): Promise<Readable | undefined> => {
    try {
      return (await s3.send(new GetObjectCommand(split(uri)))).Body as Readable;
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") {
        return undefined;
      }
      throw refused(uri, error);
    }
  };
  return {
    /** Everything that begins with a URI. */
    async list(uri: string): Promise<StoredObject[]> {
      const { Bucket, Key: Prefix } = split(uri);
      const found: StoredObject[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })).catch((error) => {
          throw refused(uri, error);
        });
        for (const { Key = "", Size = 0, ETag = "" } of page.Contents ?? []) {
          found.push({ uri: `s3://${Bucket}/${Key}`, size: Size, version: ETag.replaceAll('"', "") });
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return found;
    },
    async read(uri: string): Promise<Buffer | undefined> {
      const body = await get(uri);
      return body === undefined ? undefined : Buffer.concat(await body.toArray());
    },
    async download(uri: string, path: string): Promise<void> {
      const body = await get(uri);
      if (body === undefined) {
        throw new StudioRefusal("STUDIO_INPUT_UNREADABLE", `There is no object ${uri} any more.`);
      }
      await pipeline(body, createWriteStream(path));
    },
    async write(uri: string, content: string | Buffer, ContentType = "application/json"): Promise<void> {
      await s3.send(new PutObjectCommand({ ...split(uri), Body: content, ContentType })).catch((error) => {
        throw refused(uri, error);
      });
    },
    /** Writes an object that is not there yet. */
    async create(uri: string, content: string): Promise<void> {
      const input = { ...split(uri), Body: content, ContentType: "application/json", IfNoneMatch: "*" };
      await s3.send(new PutObjectCommand(input)).catch((error) => {
        if ((error as Error).name !== "PreconditionFailed") {
          throw refused(uri, error);
        }
      });
    },
  };
}

export type Objects = ReturnType<typeof openObjects>;

function split(uri: string): { Bucket: string; Key: string } {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  return { Bucket, Key };
}

function refused(uri: string, error: unknown): StudioRefusal {
  const { name, message } = error as Error;
  return new StudioRefusal("STUDIO_OUTPUT_REFUSED", `${uri}: ${name}: ${message}`);
}
