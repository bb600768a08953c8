import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListCommandsCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Sandbox } from "lightly-aws-sandbox";
import { testClips } from "../../../sandbox/test/clips/test-clips.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { HANG_MS } from "../../support/limits.ts";

/** What a test sees of the account and the instance of a studio select. */
export interface StudioInstance {
  /** Starts the instance until it is ready for commands. */
  start(): Promise<void>;
  /** Uploads a clip or another content, and returns its URI. */
  upload(key: string, content?: Buffer): Promise<string>;
  /** The commands that were sent, the newest first. */
  commands(): Promise<ReadonlyArray<{ readonly id: string; readonly status: string; readonly comment: string }>>;
  /** Writes a program to the instance that takes the place of Python, and returns its path. `$STUDIO` is the stand-in. */
  python(name: string, ...lines: readonly string[]): Promise<string>;
  /** Reads a file in the home folder of the instance. */
  home(name: string): Promise<string>;
  /** Writes an empty file to the home folder of the instance. */
  write(name: string): Promise<void>;
  close(): void;
}

/** A clip of 48 frames, 24 per second. */
const CLIP = "fish-tank-240x240.mp4";

/** Opens the instance of a sandbox. */
export function studioInstance(sandbox: Sandbox): StudioInstance {
  const { region, credentials, endpoints, instanceDir, instanceId, buckets } = sandbox;
  const config = { region, credentials, endpoint: endpoints.aws };
  const [ec2, ssm, s3] = [
    new EC2Client(config),
    new SSMClient(config),
    new S3Client({ ...config, forcePathStyle: true }),
  ];
  const home = join(instanceDir, "home", "ubuntu");
  return {
    start: async () => {
      const wait = { timeoutMs: HANG_MS, pollMs: 20, signal: new AbortController().signal };
      await startInstances({ ec2, ssm, select: { ids: [instanceId] }, capacityTimeoutMs: 0, ...wait });
    },
    upload: async (key, content) => {
      const Body = content ?? (await readFile(join(await testClips(), CLIP)));
      await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key: key, Body }));
      return `s3://${buckets.input}/${key}`;
    },
    commands: async () => {
      const { Commands = [] } = await ssm.send(new ListCommandsCommand({}));
      return Commands.map(({ CommandId = "", Status = "", Comment = "" }) => ({
        id: CommandId,
        status: Status,
        comment: Comment,
      }));
    },
    python: async (name, ...lines) => {
      const bin = join(home, name, "bin");
      await mkdir(bin, { recursive: true });
      const studio = `STUDIO='${join(instanceDir, "opt", "lightly-studio", "bin", "python")}'`;
      await writeFile(join(bin, "python"), ["#!/bin/sh", studio, ...lines, ""].join("\n"), { mode: 0o755 });
      return `/home/ubuntu/${name}/bin/python`;
    },
    home: (name) => readFile(join(home, name), "utf8"),
    write: (name) => writeFile(join(home, name), ""),
    close: () => {
      for (const client of [ec2, ssm, s3]) {
        client.destroy();
      }
    },
  };
}
