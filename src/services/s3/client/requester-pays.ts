import type { RequestPayer, S3Client } from "@aws-sdk/client-s3";

const PAYING = new WeakSet<S3Client>();

/**
 * The same client, whose requests say that the requester pays: a bucket with "requester pays" refuses others. It is a setting of a step, and
 * steps share a client, so the requests are changed, not the client.
 */
export function payingClient(s3: S3Client): S3Client {
  const send = (command: { readonly input: object }, ...rest: unknown[]): unknown => {
    Object.assign(command.input, { RequestPayer: "requester" });
    return Reflect.apply(s3.send, s3, [command, ...rest]);
  };
  const paying = Object.create(s3, { send: { value: send } }) as S3Client;
  PAYING.add(paying);
  return paying;
}

/** Who pays for a request that is signed, but not sent, by a client. */
export function payerOf(s3: S3Client): RequestPayer | undefined {
  return PAYING.has(s3) ? "requester" : undefined;
}
