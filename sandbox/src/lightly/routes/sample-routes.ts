import { unknown } from "../http/api-fault.ts";
import { flag, oneOf, PAGING, page, required, text } from "../http/query-parameters.ts";
import { created, done, ok, type Route, redirect, route } from "../http/router.ts";
import { sampleReadUrl, sampleWriteUrl } from "../sample-files.ts";
import { sampleCreation, sampleUpdate } from "../schemas/sample-schema.ts";
import type { Sample, SampleFields } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";

const RENDITION = oneOf("full", "thumbnail");
/** Page size of the two lists with few fields per sample. */
const LONG_PAGE = 25_000;

export function sampleRoutes(world: World): Route[] {
  const { samples } = world.state;
  const writeUrls = (sample: Sample) => ({
    full: sampleWriteUrl(world, sample, "full"),
    thumb: sampleWriteUrl(world, sample, "thumbnail"),
  });
  const find = (datasetId: string, fileName: string | undefined) => {
    requireDataset(world, datasetId);
    const all = samples.of(datasetId);
    return fileName === undefined ? all : all.filter((sample) => sample.fileName === fileName);
  };

  return [
    route("POST /v1/datasets/{datasetId}/samples", { body: sampleCreation }, ({ params, body }) =>
      created({ id: addSample(world, params.datasetId, body).id }),
    ),
    route("POST /v1/datasets/{datasetId}/samples/withWriteUrls", { body: sampleCreation }, ({ params, body }) => {
      const sample = addSample(world, params.datasetId, body);
      return created({ id: sample.id, sampleWriteUrls: writeUrls(sample) });
    }),
    // The index is the order of creation, and so is the id.
    route(
      "GET /v1/datasets/{datasetId}/samples",
      { query: { ...PAGING, sortBy: oneOf("_id", "index"), fileName: text } },
      ({ params, query }) => ok(page(find(params.datasetId, query.fileName), query)),
    ),
    route(
      "GET /v1/datasets/{datasetId}/samples/partial",
      { query: { ...PAGING, mode: oneOf("ids", "fileNames", "full"), fileName: text } },
      ({ params, query }) => {
        const found = page(find(params.datasetId, query.fileName), query, LONG_PAGE);
        switch (query.mode) {
          case "ids":
            return ok(found.map(({ id }) => ({ id })));
          case "fileNames":
            return ok(found.map(({ id, fileName }) => ({ id, fileName })));
          default:
            return ok(found);
        }
      },
    ),
    route("GET /v1/datasets/{datasetId}/samples/{sampleId}", {}, ({ params }) =>
      ok(requireSample(world, params.datasetId, params.sampleId)),
    ),
    route("PUT /v1/datasets/{datasetId}/samples/{sampleId}", { body: sampleUpdate }, ({ params, body }) => {
      const sample = requireSample(world, params.datasetId, params.sampleId);
      samples.put({ ...sample, ...body, lastModifiedAt: world.now() });
      return done();
    }),
    route(
      "GET /v1/datasets/{datasetId}/samples/{sampleId}/readurl",
      { query: { type: RENDITION } },
      ({ params, query: { type = "full" } }) =>
        ok(sampleReadUrl(world, requireSample(world, params.datasetId, params.sampleId), type)),
    ),
    route(
      "GET /v1/datasets/{datasetId}/samples/{sampleId}/readurlRedirect",
      { query: { type: RENDITION }, access: "public" },
      ({ params, query: { type = "full" } }) =>
        redirect(sampleReadUrl(world, requireSample(world, params.datasetId, params.sampleId), type)),
    ),
    route(
      "GET /v1/datasets/{datasetId}/samples/{sampleId}/writeurl",
      { query: { isThumbnail: required(flag) } },
      ({ params, query: { isThumbnail } }) => {
        const sample = requireSample(world, params.datasetId, params.sampleId);
        return ok(sampleWriteUrl(world, sample, isThumbnail ? "thumbnail" : "full"));
      },
    ),
    route("GET /v1/datasets/{datasetId}/samples/{sampleId}/writeurls", {}, ({ params }) =>
      ok(writeUrls(requireSample(world, params.datasetId, params.sampleId))),
    ),
    route(
      "GET /v1/datasets/{datasetId}/mappings",
      { query: { ...PAGING, field: required(oneOf("fileName", "_id")) } },
      ({ params, query }) => {
        const found = page(find(params.datasetId, undefined), query, LONG_PAGE);
        return ok(found.map(({ id, fileName }) => (query.field === "_id" ? id : fileName)));
      },
    ),
  ];
}

export function requireSample(world: World, datasetId: string, id: string): Sample {
  requireDataset(world, datasetId);
  const sample = world.state.samples.get(id);
  if (sample?.datasetId !== datasetId) {
    throw unknown("SAMPLE_UNKNOWN", `Dataset ${datasetId} has no sample ${id}.`);
  }
  return sample;
}

/** A file name is unique within a dataset: registering one again updates that sample, so that a worker may start again. */
function addSample(world: World, datasetId: string, fields: SampleFields): Sample {
  requireDataset(world, datasetId);
  const { samples } = world.state;
  const all = samples.of(datasetId);
  const known = all.find(({ fileName }) => fileName === fields.fileName);
  const now = world.now();
  if (known !== undefined) {
    return samples.put({ ...known, ...fields, lastModifiedAt: now });
  }
  const type = fields.cropData !== undefined ? "CROP" : fields.videoFrameData !== undefined ? "VIDEO_FRAME" : "IMAGE";
  const place = { id: world.newId(), datasetId, type, index: all.length } as const;
  return samples.put({ ...fields, ...place, createdAt: now, lastModifiedAt: now });
}
