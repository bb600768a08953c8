import type { EmbeddedFrames, Frame } from "../embed-inputs.ts";
import type { Job } from "../job.ts";
import { listSamples, putBytes } from "../register-samples.ts";
import { fetchSigned } from "../signed-url.ts";

/** One line of a CSV file for each file name. */
type Lines = Map<string, string>;

interface Embedding {
  readonly id: string;
  readonly name: string;
  readonly isProcessed: boolean;
}

/**
 * Uploads the embeddings of a dataset's samples in the format of Lightly's client: those of this run's picks, and those
 * that earlier runs uploaded for the other samples. The name starts with `default`, by which clients find it.
 */
export async function uploadEmbeddings(job: Job, chosen: readonly Frame[], embedded: EmbeddedFrames): Promise<void> {
  const { api, datasetId, runId, signal } = job;
  const path = `/v1/datasets/${datasetId}/embeddings`;
  const header = headerOf(embedded.rows.dimensions);
  const lines: Lines = new Map([...(await earlierLines(job, path, header)), ...linesOf(chosen, embedded)]);
  const samples = await listSamples(api, datasetId);
  const rows = samples.flatMap(({ fileName }) => lines.get(fileName) ?? []);
  const name = `default_${stampOf(new Date())}_${runId}`;
  const { signedWriteUrl, embeddingId } = await api<{ signedWriteUrl: string; embeddingId: string }>(
    "GET",
    `${path}/writeCSVUrl`,
    { query: { name } },
  );
  const csv = Buffer.from(`${[header, ...rows].join("\n")}\n`);
  await putBytes(signedWriteUrl, csv, "text/csv", "the file of embeddings", signal);
  await api("PUT", `${path}/${embeddingId}/isProcessed`, { body: { rowCount: rows.length } });
}

const headerOf = (dimensions: number): string =>
  ["filenames", ...Array.from({ length: dimensions }, (_, index) => `embedding_${index}`), "labels"].join(",");

function linesOf(chosen: readonly Frame[], { frames, rows }: EmbeddedFrames): Lines {
  const rowOf = new Map(frames.map((frame, index) => [frame, index]));
  return new Map(
    chosen.map((frame) => {
      const start = (rowOf.get(frame) ?? 0) * rows.dimensions;
      const vector = rows.data.subarray(start, start + rows.dimensions);
      const values = Array.from(vector, (value) => Number(value.toPrecision(7)));
      return [frame.name, [quote(frame.name), ...values, 0].join(",")];
    }),
  );
}

/** The lines of the newest embedding that a worker uploaded, if they have the same columns. */
async function earlierLines({ api, signal }: Job, path: string, header: string): Promise<Lines> {
  const newest = (await api<Embedding[]>("GET", path)).find(
    ({ name, isProcessed }) => name.startsWith("default") && isProcessed,
  );
  if (newest === undefined) {
    return new Map();
  }
  const url = await api<string>("GET", `${path}/${newest.id}/readCSVUrl`);
  const response = await fetchSigned(url, "The earlier embeddings can't be read", { signal });
  const [first, ...lines] = (await response.text()).split(/\r?\n/).filter((line) => line !== "");
  return new Map(first === header ? lines.map((line) => [fileNameOf(line), line]) : []);
}

const quote = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function fileNameOf(line: string): string {
  const [, quoted, plain = ""] = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line) ?? [];
  return quoted === undefined ? plain : quoted.replaceAll('""', '"');
}

/** `20261129_10h15m50s` */
function stampOf(date: Date): string {
  const [day = "", time = ""] = date.toISOString().slice(0, 19).split("T");
  return `${day.replaceAll("-", "")}_${time.replace(":", "h").replace(":", "m")}s`;
}
