/** One `FROM` of a Dockerfile, with the parts that run something. */
export interface Stage {
  readonly name: string;
  readonly workdir: string;
  /** The arguments of `COPY`, in order. */
  readonly copies: readonly string[];
  /** The shell commands of `RUN`, in order. */
  readonly commands: readonly string[];
  /** The variables of `ENV`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly entryPoint: readonly string[];
  /** The arguments of `CMD`. */
  readonly start: readonly string[];
  /** The arguments of the command of `HEALTHCHECK`. */
  readonly healthCheck: readonly string[];
}

/** Reads the stages of a Dockerfile that has the exec form of `CMD` and `ENTRYPOINT`, and no line continuations. */
export function stagesOf(dockerfile: string): Stage[] {
  return dockerfile
    .split(/^FROM /m)
    .slice(1)
    .map((text) => {
      const all = (instruction: string): string[] =>
        [...text.matchAll(new RegExp(`^${instruction} (.*)$`, "gm"))].map(([, rest = ""]) => rest);
      const exec = (pattern: RegExp): string[] => JSON.parse(pattern.exec(text)?.[1] ?? "[]");
      return {
        name: /^\S+ AS (\S+)/.exec(text)?.[1] ?? "",
        workdir: all("WORKDIR")[0] ?? "/",
        copies: all("COPY"),
        commands: all("RUN"),
        variables: Object.fromEntries(
          all("ENV").flatMap((line) => line.split(" ").map((pair) => pair.split("=") as [string, string])),
        ),
        user: all("USER").at(-1),
        entryPoint: exec(/^ENTRYPOINT (\[.*\])$/m),
        start: exec(/^CMD (\[.*\])$/m),
        healthCheck: exec(/^HEALTHCHECK .*CMD (\[.*\])$/m),
      };
    });
}
