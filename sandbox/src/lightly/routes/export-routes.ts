import { indicesOf, readBitMask } from "../bit-mask.ts";
import { count, flag, oneOf, PAGING, page, type QueryValues, text } from "../http/query-parameters.ts";
import { ok, plain, type Route, route } from "../http/router.ts";
import { sampleReadUrl, sampleRedirectedUrl, sampleUri } from "../sample-files.ts";
import type { Sample } from "../state/lightly-records.ts";
import type { World } from "../world.ts";
import { requireTag } from "./tag-routes.ts";

const SHORT = { ...PAGING, format: oneOf("JSON", "PLAIN"), previewExample: flag };
const TASKS = {
  ...SHORT,
  expiresIn: count(0),
  accessControl: text,
  fileNameFormat: oneOf("NAME", "DATASOURCE_FULL", "REDIRECTED_READ_URL"),
  includeMetaData: flag,
};
type TaskQuery = QueryValues<typeof TASKS>;
const TASK_PAGE = 2500;
const BASE = "/v1/datasets/{datasetId}/tags/{tagId}";

/** Exports of a tag in the formats of labeling tools. All of them list the samples in the order of their bits. */
export function exportRoutes(world: World): Route[] {
  const tagged = (datasetId: string, tagId: string): Sample[] => {
    const { bitMaskData } = requireTag(world, datasetId, tagId);
    const samples = world.state.samples.of(datasetId);
    return indicesOf(readBitMask(bitMaskData)).flatMap((index) => samples[index] ?? []);
  };

  const nameOf = (sample: Sample, format: TaskQuery["fileNameFormat"]): string => {
    switch (format) {
      case "DATASOURCE_FULL":
        return sampleUri(world, sample);
      case "REDIRECTED_READ_URL":
        return sampleRedirectedUrl(world, sample);
      default:
        return sample.fileName;
    }
  };

  /** A link that never expires, unless the request asks for one that does. */
  const urlOf = (sample: Sample, { expiresIn }: { expiresIn: number | undefined }): string =>
    expiresIn === undefined ? sampleRedirectedUrl(world, sample) : sampleReadUrl(world, sample, "full", expiresIn);

  const tasks = (
    path: "LabelStudio/tasks" | "LabelBoxV4/datarows" | "LabelBox/datarows" | "Sama/tasks",
    write: (sample: Sample, query: TaskQuery) => unknown,
  ): Route =>
    route(`GET ${BASE}/export/${path}`, { query: TASKS }, ({ params, query }) => {
      const found = page(tagged(params.datasetId, params.tagId), query, TASK_PAGE);
      return ok(found.map((sample) => write(sample, query)));
    });

  return [
    route(`GET ${BASE}/export/basic/filenames`, { query: TASKS }, ({ params, query }) => {
      const names = page(tagged(params.datasetId, params.tagId), query).map((sample) =>
        nameOf(sample, query.fileNameFormat),
      );
      return query.format === "JSON" ? ok(names) : plain(names.join("\n"));
    }),
    route(`GET ${BASE}/export/basic/filenamesAndReadUrls`, { query: SHORT }, ({ params, query }) => {
      const found = page(tagged(params.datasetId, params.tagId), query);
      return ok(
        found.map((sample) => ({
          fileName: sample.fileName,
          readUrl: sampleReadUrl(world, sample, "full"),
        })),
      );
    }),
    route(`GET ${BASE}/filenames`, {}, ({ params }) =>
      ok(tagged(params.datasetId, params.tagId).map(({ fileName }) => fileName)),
    ),
    tasks("LabelStudio/tasks", (sample, query) => ({
      id: sample.index,
      data: {
        image: urlOf(sample, query),
        lightlyFileName: nameOf(sample, query.fileNameFormat),
        ...(query.includeMetaData === true ? { lightlyMetaInfo: sample } : {}),
      },
    })),
    // The only export in snake case.
    tasks("LabelBoxV4/datarows", (sample, query) => ({
      row_data: urlOf(sample, query),
      global_key: nameOf(sample, query.fileNameFormat),
      media_type: "IMAGE",
    })),
    tasks("LabelBox/datarows", (sample, query) => ({
      externalId: nameOf(sample, query.fileNameFormat),
      imageUrl: urlOf(sample, query),
    })),
    tasks("Sama/tasks", (sample, query) => ({
      data: {
        id: sample.index,
        url: urlOf(sample, query),
        image: urlOf(sample, query),
        lightlyFileName: nameOf(sample, query.fileNameFormat),
        ...(query.includeMetaData === true ? { lightlyMetaInfo: JSON.stringify(sample) } : {}),
      },
    })),
  ];
}
