import { conflict, unknown } from "../http/api-fault.ts";
import { array, choice, number, object, string } from "../http/body-schema.ts";
import { text } from "../http/query-parameters.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import type { Embedding, Embedding2d } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";
import { blobUrl, hasBlob, removeBlob } from "./blob-routes.ts";

const BASE = "/v1/datasets/{datasetId}/embeddings";
const coordinates = array(number(), { min: 1 });
const method = choice("PCA", "TSNE", "UMAP");

/** Routes of embeddings: CSV files and coordinates are stored and returned; nothing is computed from them. */
export function embeddingRoutes(world: World): Route[] {
  const { embeddings, embeddings2d, jobs } = world.state;
  return [
    // The newest first: clients use the first one.
    route(`GET ${BASE}`, {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      const data = ({ id, name, createdAt }: Embedding) => ({ id, name, isProcessed: hasBlob(world, id), createdAt });
      return ok(embeddings.of(datasetId).reverse().map(data));
    }),
    route(
      `GET ${BASE}/writeCSVUrl`,
      { query: { name: text } },
      ({ params: { datasetId }, query: { name = "default" } }) => {
        requireDataset(world, datasetId);
        if (embeddings.of(datasetId).some((other) => other.name === name)) {
          throw conflict("EMBEDDING_NAME_EXISTS", `The dataset already has an embedding ${name}.`);
        }
        const { id } = embeddings.put({ id: world.newId(), createdAt: world.now(), datasetId, name });
        return ok({ signedWriteUrl: blobUrl(world, "PUT", id), embeddingId: id });
      },
    ),
    route(`GET ${BASE}/{embeddingId}/readCSVUrl`, {}, ({ params }) => {
      const { id } = requireEmbedding(world, params.datasetId, params.embeddingId);
      return ok(blobUrl(world, "GET", id));
    }),
    route(`PUT ${BASE}/{embeddingId}/isProcessed`, { body: object({ rowCount: number({ min: 0 }) }) }, ({ params }) => {
      const { id, name } = requireEmbedding(world, params.datasetId, params.embeddingId);
      if (!hasBlob(world, id)) {
        throw conflict("EMBEDDING_NOT_READY", `The file of embedding ${name} has not been uploaded.`);
      }
      return done();
    }),
    route(`DELETE ${BASE}/{embeddingId}`, {}, async ({ params }) => {
      const { id, datasetId } = requireEmbedding(world, params.datasetId, params.embeddingId);
      for (const one of embeddings2d.of(datasetId).filter(({ embeddingId }) => embeddingId === id)) {
        embeddings2d.remove(one.id);
      }
      embeddings.remove(id);
      await removeBlob(world, id);
      return done();
    }),
    // The job counts as finished, but has no result: the sandbox draws no scatter plot.
    route(
      `POST ${BASE}/{embeddingId}/trigger2dEmbeddingsJob`,
      { body: object({ dimensionalityReductionMethod: method }) },
      ({ params }) => {
        const { datasetId } = requireEmbedding(world, params.datasetId, params.embeddingId);
        jobs.put({ id: world.newId(), createdAt: world.now(), datasetId, jobType: "EMBEDDINGS2D" });
        return done();
      },
    ),
    route(
      `POST ${BASE}/{embeddingId}/2d`,
      {
        body: object({
          name: string(),
          dimensionalityReductionMethod: method,
          coordinatesDimension1: coordinates,
          coordinatesDimension2: coordinates,
        }),
      },
      ({ params, body }) => {
        const { id: embeddingId, datasetId } = requireEmbedding(world, params.datasetId, params.embeddingId);
        const stamps = { id: world.newId(), createdAt: world.now() };
        return created({ id: embeddings2d.put({ ...body, ...stamps, datasetId, embeddingId }).id });
      },
    ),
    route(`GET ${BASE}/{embeddingId}/2d`, {}, ({ params }) => {
      const { id, datasetId } = requireEmbedding(world, params.datasetId, params.embeddingId);
      const withoutCoordinates = ({ coordinatesDimension1: _, coordinatesDimension2: __, ...data }: Embedding2d) =>
        data;
      const found = embeddings2d.of(datasetId).filter(({ embeddingId }) => embeddingId === id);
      return ok(found.map(withoutCoordinates));
    }),
    route(`GET ${BASE}/{embeddingId}/2d/{embedding2dId}`, {}, ({ params }) => {
      const { id } = requireEmbedding(world, params.datasetId, params.embeddingId);
      const found = embeddings2d.get(params.embedding2dId);
      if (found?.embeddingId !== id) {
        throw unknown("EMBEDDING_2D_UNKNOWN", `The embedding has no 2D embedding ${params.embedding2dId}.`);
      }
      return ok(found);
    }),
  ];
}

function requireEmbedding(world: World, datasetId: string, id: string): Embedding {
  requireDataset(world, datasetId);
  const embedding = world.state.embeddings.get(id);
  if (embedding?.datasetId !== datasetId) {
    throw unknown("EMBEDDING_UNKNOWN", `The dataset has no embedding ${id}.`);
  }
  return embedding;
}
