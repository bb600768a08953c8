/** The region of an account whose work the AWS console shows; none if it is elsewhere, or known to the SDK alone. */
export function consoleRegion(
  { region, endpoint, s3Endpoint }: Readonly<Partial<Record<"region" | "endpoint" | "s3Endpoint", string | undefined>>>,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const isElsewhere =
    (endpoint ?? s3Endpoint) !== undefined ||
    Object.keys(environment).some((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name));
  return isElsewhere ? undefined : (region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined));
}
