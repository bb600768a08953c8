import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Judge } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { runLightlyClient } from "../lightly_client/run-lightly-client.ts";
import { relay } from "../relay.ts";

/** Any bytes will do: the session's own worker decodes nothing. */
const VIDEOS = [
  { name: "harbour.mp4", bytes: 60_000 },
  { name: "market/stalls.mp4", bytes: 40_000 },
];

/** Lightly's own Python client in the session that its documentation describes. */
export const lightlyClient: Judge = {
  name: "lightly",
  title: "Lightly's client against the sandbox",
  requirements: "requirements-lightly.txt",
  python: { least: 10, most: 13 },
  async run(courtroom) {
    const { sandbox, tally, python } = courtroom;
    const { region, credentials, endpoints, environment } = sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    for (const { name, bytes } of VIDEOS) {
      const Key = `${environment.PIPELINE_INPUT_PREFIX}/${name}`;
      await s3.send(new PutObjectCommand({ Bucket: sandbox.buckets.input, Key, Body: Buffer.alloc(bytes, name) }));
    }
    s3.destroy();
    await relay(tally, (onLine) =>
      runLightlyClient({
        python,
        environment: { ...environment, ...judgeEnvironment(courtroom) },
        videos: VIDEOS,
        onLine,
      }),
    );
  },
};
