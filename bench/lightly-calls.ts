/** Direct requests to Lightly's API. */
export interface LightlyCalls {
  readonly call: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  readonly post: (path: string, body: unknown) => Promise<{ id: string }>;
}

/** Requests to the server that the environment names; 404 is not an error for GET. */
export function lightlyCalls(environment: Readonly<Record<string, string>>, signal: AbortSignal): LightlyCalls {
  const of = (name: string): string => environment[name] ?? "";
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${of("LIGHTLY_SERVER_LOCATION")}${path}`, {
      ...{
        method,
        signal,
        headers: { authorization: `Bearer ${of("LIGHTLY_TOKEN")}`, "content-type": "application/json" },
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && !(method === "GET" && response.status === 404)) {
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    }
    return text === "" ? (undefined as T) : (JSON.parse(text) as T);
  };
  return { call, post: (path, body) => call("POST", path, body) };
}

/** Sets the two datasources of the example flow, which a scheduled run needs. */
export async function addDatasources(
  { call }: LightlyCalls,
  datasetId: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const of = (name: string): string => environment[name] ?? "";
  for (const purpose of ["INPUT", "LIGHTLY"]) {
    await call("PUT", `/v1/datasets/${datasetId}/datasource`, {
      ...{ purpose, type: "S3DelegatedAccess", s3Region: of("PIPELINE_REGION"), s3ARN: of("PIPELINE_ROLE_ARN") },
      fullPath: `s3://${of(`PIPELINE_${purpose}_BUCKET`)}/${of(`PIPELINE_${purpose}_PREFIX`)}/`,
      ...{ thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]", s3ExternalId: of("PIPELINE_EXTERNAL_ID") },
    });
  }
}
