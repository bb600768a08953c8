/** What an image is replaced by. */
export type Program = "worker" | "studio" | "shell";

/** The images that are programs of this computer: only their shell is used. */
const SHELLS = ["amazonlinux", "busybox", "alpine", "debian", "ubuntu"];

/**
 * The program for an image, whatever its registry, tag or digest; `undefined` for an image that the sandbox does not have. A copy of the worker
 * in a private registry is recognized by its name.
 */
export function programOf(image: string): Program | undefined {
  const path = image.replace(/@sha256:[0-9a-f]+$/, "").replace(/:[\w.-]+$/, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/(?:^|\/)lightly\/worker$/.test(path) || name === "lightly-worker") {
    return "worker";
  }
  if (name === "lightly-studio") {
    return "studio";
  }
  return SHELLS.includes(name) ? "shell" : undefined;
}
