import { parseS3Uri } from "../s3/object/parse-uri.ts";
import { type StudioRequest, studioObjects } from "./studio-request.ts";

/**
 * A Python program that writes to the progress of a run how much an installation has written so far, as long as the shell that has started it
 * runs. It needs botocore, and a folder of the disk as its argument.
 */
export function installationProgress(request: Pick<StudioRequest, "output" | "runId">): string[] {
  const { bucket, key } = parseS3Uri(studioObjects(request).progress) ?? { bucket: "", key: "" };
  const target = Buffer.from(JSON.stringify({ Bucket: bucket, Key: key })).toString("base64");
  return [
    "import base64, json, os, shutil, sys, time",
    "import botocore.config, botocore.session",
    `TARGET = json.loads(base64.b64decode("${target}"))`,
    'style = "path" if os.environ.get("AWS_ENDPOINT_URL") else "auto"',
    'config = botocore.config.Config(s3={"addressing_style": style})',
    's3 = botocore.session.get_session().create_client("s3", config=config)',
    "parent, started, free = os.getppid(), time.time(), shutil.disk_usage(sys.argv[1]).free",
    "while os.getppid() == parent:",
    "    written = max(0, free - shutil.disk_usage(sys.argv[1]).free) // 10**6",
    '    phases = [{"phase": "install", "at": started}]',
    '    progress = {"phase": "install", "megabytes": written, "phases": phases}',
    "    s3.put_object(Body=json.dumps(progress).encode(), **TARGET)",
    "    time.sleep(3)",
  ];
}
