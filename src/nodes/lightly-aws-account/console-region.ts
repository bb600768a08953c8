/** Returns the region for links to the AWS console; undefined for another endpoint, or if only the SDK knows the region. */
export function consoleRegion(
  { region, endpoint, s3Endpoint }: Readonly<Partial<Record<"region" | "endpoint" | "s3Endpoint", string | undefined>>>,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const isElsewhere =
    (endpoint ?? s3Endpoint) !== undefined ||
    Object.keys(environment).some((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name));
  return isElsewhere ? undefined : (region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined));
}
