import { conflict, unknown } from "../http/api-fault.ts";
import { required, text } from "../http/query-parameters.ts";
import { ok, type Route, route } from "../http/router.ts";
import type { Embedding } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";
import { blobUrl, hasBlob } from "./blob-routes.ts";

/** Routes of embeddings: CSV files are stored and returned; nothing is computed from them. */
export function embeddingRoutes(world: World): Route[] {
  const { embeddings } = world.state;
  return [
    route("GET /v1/datasets/{datasetId}/embeddings", {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      const data = ({ id, name, createdAt }: Embedding) => ({ id, name, isProcessed: hasBlob(world, id), createdAt });
      return ok(embeddings.of(datasetId).map(data));
    }),
    route(
      "GET /v1/datasets/{datasetId}/embeddings/writeCSVUrl",
      { query: { name: required(text) } },
      ({ params: { datasetId }, query: { name } }) => {
        requireDataset(world, datasetId);
        if (embeddings.of(datasetId).some((other) => other.name === name)) {
          throw conflict("EMBEDDING_NAME_EXISTS", `The dataset already has an embedding ${name}.`);
        }
        const { id } = embeddings.put({ id: world.newId(), createdAt: world.now(), datasetId, name });
        return ok({ signedWriteUrl: blobUrl(world, "PUT", id), embeddingId: id });
      },
    ),
    route("GET /v1/datasets/{datasetId}/embeddings/{embeddingId}/readCSVUrl", {}, ({ params }) => {
      requireDataset(world, params.datasetId);
      if (embeddings.get(params.embeddingId)?.datasetId !== params.datasetId) {
        throw unknown("EMBEDDING_UNKNOWN", `The dataset has no embedding ${params.embeddingId}.`);
      }
      return ok(blobUrl(world, "GET", params.embeddingId));
    }),
  ];
}
