import { createHash } from "node:crypto";
import { text as readText } from "node:stream/consumers";
import { listFiles, placeOf, readUrl, requireDatasource } from "../datasource-access.ts";
import { ApiFault, invalid } from "../http/api-fault.ts";
import { count, flag, type QueryFields, required, text } from "../http/query-parameters.ts";
import { ok, type Route, route } from "../http/router.ts";
import type { Dataset } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";

/** The position of a listing; clients see an opaque string. `from` and `to` are seconds, both included. */
interface Cursor {
  readonly from: number;
  readonly to: number;
  readonly shard: number;
  readonly shards: number;
  /** The last file name that was listed. */
  readonly after: string;
}

interface Selection {
  readonly below: string;
  readonly matches: (fileName: string) => boolean;
}

/** Raw files are the files of the dataset's type. */
const RAW: Readonly<Record<Dataset["type"], RegExp>> = {
  Videos: /\.(mp4|mov|avi|mpe?g|m4v|mkv|webm|wmv)$/i,
  Images: /\.(jpe?g|png|gif|webp|tiff?|bmp|ppm)$/i,
  Crops: /\.(jpe?g|png|gif|webp|tiff?|bmp|ppm)$/i,
};

const RANGE = { from: count(0), to: count(0), relevantFilenamesFileName: text };
const RUN_FILES = { relevantFilenamesRunId: text, relevantFilenamesArtifactId: text };

export function listingRoutes(world: World): Route[] {
  return [
    ...listing(world, "list", "INPUT", {}, (dataset) => ({
      below: "",
      matches: (fileName) => !fileName.startsWith(".lightly/") && RAW[dataset.type].test(fileName),
    })),
    ...listing(world, "predictions/list", "LIGHTLY", { ...RUN_FILES, taskName: required(text) }, (_, query) => ({
      below: `.lightly/predictions/${String(query.taskName)}/`,
      matches: () => true,
    })),
    ...listing(world, "metadata/list", "LIGHTLY", RUN_FILES, () => ({
      below: ".lightly/metadata/",
      matches: () => true,
    })),
  ];
}

function listing(
  world: World,
  path: "list" | "predictions/list" | "metadata/list",
  purpose: "INPUT" | "LIGHTLY",
  more: QueryFields,
  select: (dataset: Dataset, query: Readonly<Record<string, unknown>>) => Selection,
): Route[] {
  return [
    route(
      `GET /v1/datasets/{datasetId}/datasource/${path}/dnc`,
      { query: { ...more, ...RANGE, dncShards: required(count(1)) } },
      ({ params, query: { from = 0, to, dncShards } }) => {
        requireDataset(world, params.datasetId);
        const range = { from, to: to ?? seconds(world.now()), shards: dncShards, after: "" };
        const shards = Array.from({ length: dncShards }, (_, shard) => write({ ...range, shard }));
        return ok({ cursors: shards });
      },
    ),
    route(
      `GET /v1/datasets/{datasetId}/datasource/${path}`,
      { query: { ...more, ...RANGE, cursor: text, useRedirectedReadUrl: flag } },
      async ({ params, query }) => {
        const dataset = requireDataset(world, params.datasetId);
        const { from = 0, to, useRedirectedReadUrl = false, relevantFilenamesFileName: list } = query;
        const start = { from, to: to ?? seconds(world.now()), shard: 0, shards: 1, after: "" };
        const cursor = query.cursor === undefined ? start : read(query.cursor);
        const datasource = requireDatasource(world, dataset.id, purpose);
        const { below, matches } = select(dataset, query);
        const relevant = list === undefined ? undefined : await readFileList(world, dataset.id, list);
        const files = (await listFiles(world, datasource, below))
          .filter(
            ({ fileName, lastModified }) =>
              matches(fileName) &&
              fileName > cursor.after &&
              relevant?.has(fileName) !== false &&
              isWithin(cursor, seconds(new Date(lastModified).getTime())) &&
              shardOf(fileName, cursor.shards) === cursor.shard,
          )
          .sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
        const page = files.slice(0, world.listPageSize);
        return ok({
          hasMore: files.length > page.length,
          cursor: write({ ...cursor, after: page.at(-1)?.fileName ?? cursor.after }),
          data: page.map(({ fileName }) => ({
            fileName,
            readUrl: readUrl(world, datasource, fileName, useRedirectedReadUrl),
          })),
        });
      },
    ),
  ];
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const isWithin = ({ from, to }: Cursor, second: number): boolean => from <= second && second <= to;

/** By name, so that a file stays in its shard when others are added. */
const shardOf = (fileName: string, shards: number): number =>
  shards === 1 ? 0 : createHash("sha1").update(fileName).digest().readUInt32BE(0) % shards;

const write = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

function read(text: string): Cursor {
  try {
    const { from, to, shard, shards, after } = JSON.parse(Buffer.from(text, "base64url").toString()) as Cursor;
    if ([from, to, shard, shards].every(Number.isSafeInteger) && typeof after === "string") {
      return { from, to, shard, shards, after };
    }
  } catch {
    // Reported below.
  }
  throw invalid("BAD_REQUEST", "The cursor was not issued by this listing.");
}

/** The lines of a text file in the LIGHTLY datasource that name the files to list. */
async function readFileList(world: World, datasetId: string, fileName: string): Promise<Set<string>> {
  const { bucket, key } = placeOf(requireDatasource(world, datasetId, "LIGHTLY"), fileName);
  try {
    const lines = (await readText(await world.storage.read(bucket, key))).split(/\r?\n/);
    return new Set(lines.map((line) => line.trim()).filter((line) => line !== ""));
  } catch {
    const text = `The file of relevant file names ${fileName} cannot be read from the LIGHTLY datasource.`;
    throw new ApiFault(422, "DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID", text);
  }
}
