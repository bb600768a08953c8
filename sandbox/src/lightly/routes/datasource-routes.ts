import {
  accessProblem,
  datasourceOf,
  listFiles,
  placeOf,
  readUrl,
  redirectedUrl,
  requireDatasource,
  signedReadUrl,
  signedWriteUrl,
} from "../datasource-access.ts";
import { unknown } from "../http/api-fault.ts";
import { integer, object } from "../http/body-schema.ts";
import { oneOf, required, text } from "../http/query-parameters.ts";
import { done, ok, type Route, redirect, route } from "../http/router.ts";
import { datasourceConfig } from "../schemas/datasource-schema.ts";
import type { Datasource, DatasourceConfig } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";

const FILE = { query: { fileName: required(text) } };
const PATH = { query: { path: required(text) }, access: "public" } as const;
/** The year 5138: a greater number is in milliseconds. */
const LAST_SECOND = 99_999_999_999;

export function datasourceRoutes(world: World): Route[] {
  const { datasources, datasets } = world.state;
  const signedFileUrl = (datasetId: string, fileName: string) =>
    ok(readUrl(world, datasourceOf(world, datasetId, fileName), fileName, false));

  return [
    route(
      "PUT /v1/datasets/{datasetId}/datasource",
      { body: datasourceConfig, invalid: "DATASET_DATASOURCE_INVALID" },
      ({ params: { datasetId }, body }) => {
        requireDataset(world, datasetId);
        const { id: _, ...config } = body as DatasourceConfig & { id?: string };
        const before = datasources.of(datasetId).find((other) => other.config.purpose === config.purpose);
        const createdAt = before?.createdAt ?? world.now();
        datasources.put({ id: before?.id ?? world.newId(), createdAt, datasetId, config });
        return done();
      },
    ),
    route(
      "GET /v1/datasets/{datasetId}/datasource",
      { query: { purpose: oneOf("INPUT", "LIGHTLY", "INPUT_OUTPUT") } },
      ({ params: { datasetId }, query: { purpose = "INPUT_OUTPUT" } }) => {
        requireDataset(world, datasetId);
        const found = datasources.of(datasetId).find(({ config }) => config.purpose === purpose);
        if (found === undefined) {
          throw unknown("DATASET_DATASOURCE_UNKNOWN", `Dataset ${datasetId} has no datasource for ${purpose}.`);
        }
        return ok(configData(found));
      },
    ),
    route("GET /v1/datasets/{datasetId}/datasource/all", {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      return ok(datasources.of(datasetId).map(configData));
    }),
    route("GET /v1/datasets/{datasetId}/datasource/verify", {}, async ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      return ok(await verify(world, datasetId));
    }),
    route("GET /v1/datasets/{datasetId}/datasource/processedUntilTimestamp", {}, ({ params }) => {
      const { processedUntil } = requireDataset(world, params.datasetId);
      return ok({ processedUntilTimestamp: processedUntil });
    }),
    route(
      "PUT /v1/datasets/{datasetId}/datasource/processedUntilTimestamp",
      { body: object({ processedUntilTimestamp: integer({ min: 0, max: LAST_SECOND }) }) },
      ({ params, body }) => {
        const dataset = requireDataset(world, params.datasetId);
        datasets.put({ ...dataset, processedUntil: body.processedUntilTimestamp, lastModifiedAt: world.now() });
        return done();
      },
    ),
    // A URL signed for GET can't be used for HEAD; a redirected one handles HEAD itself.
    route(
      "GET /v1/datasets/{datasetId}/datasource/fileHEAD",
      FILE,
      ({ params: { datasetId }, query: { fileName } }) => {
        requireDataset(world, datasetId);
        return ok(redirectedUrl(world, datasetId, fileName));
      },
    ),
    route("GET /v1/datasets/{datasetId}/datasource/predictions/file", FILE, ({ params, query }) =>
      signedFileUrl(params.datasetId, lightlyPath("predictions", query.fileName)),
    ),
    route("GET /v1/datasets/{datasetId}/datasource/metadata/file", FILE, ({ params, query }) =>
      signedFileUrl(params.datasetId, lightlyPath("metadata", query.fileName)),
    ),
    route("GET /v1/datasets/{datasetId}/datasource/embeddings/file", FILE, ({ params, query }) =>
      signedFileUrl(params.datasetId, lightlyPath("embeddings", query.fileName)),
    ),
    route("GET /v1/datasets/{datasetId}/datasource/predictions/writeUrl", FILE, ({ params, query }) => {
      const lightly = requireDatasource(world, params.datasetId, "LIGHTLY");
      return ok(signedWriteUrl(world, placeOf(lightly, lightlyPath("predictions", query.fileName))));
    }),
    route(
      "GET /v1/datasets/{datasetId}/datasource/readurlRedirect",
      PATH,
      ({ params: { datasetId }, query: { path } }) =>
        redirect(signedReadUrl(world, placeOf(datasourceOf(world, datasetId, path), path))),
    ),
    route("HEAD /v1/datasets/{datasetId}/datasource/readurlRedirect", PATH, async ({ params, query: { path } }) => {
      const files = await listFiles(world, datasourceOf(world, params.datasetId, path), path);
      return { status: files.some(({ fileName }) => fileName === path) ? 200 : 404 };
    }),
  ];
}

function lightlyPath(folder: string, fileName: string): string {
  const root = `.lightly/${folder}/`;
  return fileName.startsWith(root) ? fileName : `${root}${fileName}`;
}

/** Secrets are masked but included, since clients require the fields. */
function configData({ id, config }: Datasource) {
  const secrets = ["s3SecretAccessKey", "gcsCredentials", "accountKey", "obsSecretAccessKey"];
  const masked = secrets.filter((name) => name in config).map((name) => [name, "*****"]);
  return { id, ...config, ...Object.fromEntries(masked) };
}

async function verify(world: World, datasetId: string) {
  const input = await accessProblem(world, requireDatasource(world, datasetId, "INPUT"));
  const lightly = await accessProblem(world, requireDatasource(world, datasetId, "LIGHTLY"));
  const problems = { canRead: input ?? lightly, canList: input ?? lightly, canWrite: lightly, canOverwrite: lightly };
  const entries = Object.entries(problems);
  const errors = Object.fromEntries(entries.filter(([, problem]) => problem !== undefined));
  return {
    ...Object.fromEntries(entries.map(([name, problem]) => [name, problem === undefined])),
    ...(Object.keys(errors).length === 0 ? {} : { errors }),
  };
}
