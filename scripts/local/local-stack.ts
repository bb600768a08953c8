import { join } from "node:path";
import { type Sandbox, type SandboxOptions, startSandbox } from "lightly-aws-sandbox";
import { createVideoLibrary, hasClips, makeClips } from "lightly-aws-sandbox/clips";
import { type NodeRedProcess, startNodeRed } from "./node-red-process.ts";
import { PACKAGE_ROOT, STATE_DIR } from "./package-root.ts";
import { progressBar } from "./progress-bar.ts";

/** The generated clips, which everything shares. */
export const CLIPS_DIR = join(STATE_DIR, "clips");

export interface StartLocalStackOptions {
  /** State directory of sandbox and Node-RED. */
  readonly stateDir: string;
  /** Default: a free port. */
  readonly nodeRedPort?: number;
  readonly sandboxPorts?: NonNullable<SandboxOptions["ports"]>;
  /** The user's own videos instead of the generated clips. */
  readonly videosDir?: string;
  /** Folder of the generated clips. Default: {@link CLIPS_DIR}. */
  readonly clipsDir?: string;
  /** Where only one clip is made if there is no folder of all clips, which takes a seventh of the time. Default: all are made. */
  readonly firstClipDir?: string;
  readonly delays?: NonNullable<SandboxOptions["delays"]>;
  readonly worker?: NonNullable<SandboxOptions["worker"]>;
  /** Additional variables for Node-RED. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeRedPackage?: string;
  /** Loads all core nodes of Node-RED, for users. */
  readonly allNodes?: boolean;
  readonly flow?: string;
  readonly log?: (line: string) => void;
  readonly onNodeRedLog?: (line: string) => void;
}

/** A sandbox and a Node-RED that uses it. */
export interface LocalStack {
  readonly sandbox: Sandbox;
  readonly nodeRed: NodeRedProcess;
  /** Stops both, and every process on the sandbox's instances. */
  close(): Promise<void>;
}

/** Starts the sandbox and a Node-RED with `examples/flows.json` and the sandbox's addresses. */
export async function startLocalStack(options: StartLocalStackOptions): Promise<LocalStack> {
  const { stateDir, log = () => {} } = options;
  const videosDir = await prepareVideos(options, log);
  const sandbox = await startSandbox({
    stateDir: join(stateDir, "sandbox"),
    videosDir,
    ports: options.sandboxPorts ?? { aws: 0, lightly: 0, pexels: 0 },
    ...(options.delays ? { delays: options.delays } : {}),
    ...(options.worker ? { worker: options.worker } : {}),
  });
  try {
    const nodeRed = await startNodeRed({
      userDir: join(stateDir, "node-red"),
      port: options.nodeRedPort,
      flow: options.flow ?? join(PACKAGE_ROOT, "examples", "flows.json"),
      environment: { ...sandbox.environment, ...options.environment },
      allNodes: options.allNodes ?? false,
      ...(options.nodeRedPackage ? { package: options.nodeRedPackage } : {}),
      ...(options.onNodeRedLog ? { onLog: options.onNodeRedLog } : {}),
    });
    return {
      sandbox,
      nodeRed,
      close: async () => {
        await nodeRed.close();
        await sandbox.close();
      },
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** Returns the folder of the videos: the user's own, all clips, or the first one. */
async function prepareVideos(
  { videosDir, clipsDir = CLIPS_DIR, firstClipDir }: StartLocalStackOptions,
  log: (line: string) => void,
): Promise<string> {
  if (videosDir !== undefined) {
    await requireVideos(videosDir, log);
    return videosDir;
  }
  const bar = progressBar(log);
  const onProgress = (part: number): void => bar.show(part);
  const isFirstEnough = firstClipDir !== undefined && !(await hasClips(clipsDir));
  const dir = isFirstEnough ? firstClipDir : clipsDir;
  await makeClips(dir, { log, onProgress, ...(isFirstEnough && { count: 1 }) });
  return dir;
}

/** @throws Error when the folder can't be read, or contains no supported video */
async function requireVideos(dir: string, log: (line: string) => void): Promise<void> {
  const videos = await createVideoLibrary(dir, log)
    .videos()
    .catch((error: NodeJS.ErrnoException) => {
      throw new Error(`The folder ${dir} can't be read (${error.code}). Check --videos.`);
    });
  if (videos.length === 0) {
    throw new Error(`The folder ${dir} contains no supported video: add MP4, MOV, MKV or WebM files.`);
  }
}
