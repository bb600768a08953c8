import { listFiles, placeOf, requireDatasource, signedReadUrl, signedWriteUrl } from "../datasource-access.ts";
import { conflict, invalid, unknown } from "../http/api-fault.ts";
import { choice, object, string } from "../http/body-schema.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import type { Artifact, Datasource } from "../state/lightly-records.ts";
import type { World } from "../world.ts";
import { blobUrl, hasBlob } from "./blob-routes.ts";
import { requireRun } from "./run-routes.ts";

const TYPES = [
  ...["LOG", "MEMLOG", "CHECKPOINT", "REPORT_PDF", "REPORT_JSON", "REPORT_V2_JSON"],
  ...["CORRUPTNESS_CHECK_INFORMATION", "SEQUENCE_INFORMATION", "RELEVANT_FILENAMES"],
] as const;

export function artifactRoutes(world: World): Route[] {
  const { artifacts } = world.state;
  return [
    route(
      "POST /v1/docker/runs/{runId}/artifacts",
      {
        body: object(
          {
            // Clients use this name for the file on their disk.
            fileName: string({ pattern: /^(?!\.{1,2}$)[^/\\]+$/, form: "a file name without a folder" }),
            type: choice(...TYPES),
          },
          { storageLocation: choice("LIGHTLY", "DATASOURCE") },
        ),
      },
      ({ params: { runId }, body: { fileName, type, storageLocation = "LIGHTLY" } }) => {
        requireRun(world, runId);
        if (artifacts.of(runId).some((other) => other.fileName === fileName && other.isUploaded)) {
          throw conflict("DOCKER_RUN_ARTIFACT_EXISTS", `The run already has an artifact ${fileName}.`);
        }
        const fields = { id: world.newId(), createdAt: world.now(), runId, fileName, type, storageLocation };
        const artifact: Artifact = { ...fields, isUploaded: false };
        const signedWrite =
          storageLocation === "LIGHTLY"
            ? blobUrl(world, "PUT", artifact.id)
            : signedWriteUrl(world, placeOf(lightlyOf(world, artifact), pathOf(artifact)));
        artifacts.put(artifact);
        return created({ signedWriteUrl: signedWrite, artifactId: artifact.id });
      },
    ),
    route("PUT /v1/docker/runs/{runId}/artifacts/{artifactId}/confirmUpload", {}, async ({ params }) => {
      const artifact = requireArtifact(world, params.runId, params.artifactId);
      if (!(await isThere(world, artifact))) {
        throw unknown("DOCKER_RUN_ARTIFACT_UNAVAILABLE", `Artifact ${artifact.fileName} has not been uploaded.`);
      }
      artifacts.put({ ...artifact, isUploaded: true });
      return done();
    }),
    route("GET /v1/docker/runs/{runId}/artifacts/{artifactId}/readurl", {}, ({ params }) => {
      const artifact = requireArtifact(world, params.runId, params.artifactId);
      if (!artifact.isUploaded) {
        throw unknown("DOCKER_RUN_ARTIFACT_UNAVAILABLE", `Artifact ${artifact.fileName} has not been uploaded.`);
      }
      return ok(artifactReadUrl(world, artifact));
    }),
    // Deprecated: from the time when the report was the only artifact.
    route("GET /v1/docker/runs/{runId}/readReportUrl", {}, ({ params }) => {
      const { id } = requireRun(world, params.runId);
      const report = artifacts.of(id).find(({ type, isUploaded }) => type === "REPORT_PDF" && isUploaded);
      if (report === undefined) {
        throw unknown("DOCKER_RUN_REPORT_UNAVAILABLE", "The run has no report.");
      }
      return ok(artifactReadUrl(world, report));
    }),
  ];
}

const artifactReadUrl = (world: World, artifact: Artifact): string =>
  artifact.storageLocation === "LIGHTLY"
    ? blobUrl(world, "GET", artifact.id)
    : signedReadUrl(world, placeOf(lightlyOf(world, artifact), pathOf(artifact)));

function requireArtifact(world: World, runId: string, id: string): Artifact {
  requireRun(world, runId);
  const artifact = world.state.artifacts.get(id);
  if (artifact?.runId !== runId) {
    throw unknown("DOCKER_RUN_ARTIFACT_UNKNOWN", `The run has no artifact ${id}.`);
  }
  return artifact;
}

const pathOf = ({ runId, fileName }: Artifact): string => `.lightly/runs/${runId}/${fileName}`;

function lightlyOf(world: World, { runId }: Artifact): Datasource {
  const { datasetId } = requireRun(world, runId);
  if (datasetId === undefined) {
    throw invalid("BAD_REQUEST", "A run without a dataset has no datasource for an artifact.");
  }
  return requireDatasource(world, datasetId, "LIGHTLY");
}

async function isThere(world: World, artifact: Artifact): Promise<boolean> {
  if (artifact.storageLocation === "LIGHTLY") {
    return hasBlob(world, artifact.id);
  }
  const path = pathOf(artifact);
  return (await listFiles(world, lightlyOf(world, artifact), path)).some(({ fileName }) => fileName === path);
}
