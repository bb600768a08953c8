import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { unknown } from "../http/api-fault.ts";
import { type Route, route } from "../http/router.ts";
import { signPublicToken } from "../public-token.ts";
import type { World } from "../world.ts";

const LINK_SECONDS = 24 * 3600;

/** Lightly's own storage for files outside a datasource: bytes by id, available by signed links only. */
export function blobRoutes(world: World): Route[] {
  const fileOf = (id: string) => path.join(world.state.blobDir, /^[a-f0-9]{24}$/.test(id) ? id : "none");
  return [
    route("PUT /blobs/{blobId}", { access: "public", raw: true }, async ({ params, message }) => {
      const part = `${fileOf(params.blobId)}.${world.newId()}.part`;
      try {
        await pipeline(message, createWriteStream(part, { mode: 0o600 }));
        await rename(part, fileOf(params.blobId));
      } finally {
        await rm(part, { force: true });
      }
      return { status: 200 };
    }),
    // Never compressed: Lightly's client saves the received bytes unchanged.
    route("GET /blobs/{blobId}", { access: "public" }, async ({ params }) => {
      const found = await stat(fileOf(params.blobId)).catch(() => undefined);
      if (found === undefined) {
        throw unknown("NOT_FOUND", "No file was uploaded to this link.");
      }
      return {
        status: 200,
        headers: { "content-type": "application/octet-stream", "content-length": String(found.size) },
        body: createReadStream(fileOf(params.blobId)),
      };
    }),
  ];
}

export const hasBlob = (world: World, id: string): boolean => existsSync(path.join(world.state.blobDir, id));

export const removeBlob = (world: World, id: string): Promise<void> =>
  rm(path.join(world.state.blobDir, id), { force: true });

export function blobUrl(world: World, method: "GET" | "PUT", id: string): string {
  const exp = Math.floor(world.now() / 1000) + LINK_SECONDS;
  const token = signPublicToken(world.state.signingKey, { scope: blobScope(method, id), exp });
  return `${world.publicUrl()}/blobs/${id}?publicToken=${token}`;
}

export const blobScope = (method: string, id: string): string => `${method} blob/${id}`;
