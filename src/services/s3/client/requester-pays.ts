import type { S3Client } from "@aws-sdk/client-s3";

/**
 * The same client, whose requests say that the requester pays: a bucket with "requester pays" refuses others. It is a setting of a step, and
 * steps share a client, so the requests are changed, not the client.
 */
export function payingClient(s3: S3Client): S3Client {
  const send = (command: { readonly input: object }, ...rest: unknown[]): unknown => {
    Object.assign(command.input, { RequestPayer: "requester" });
    return Reflect.apply(s3.send, s3, [command, ...rest]);
  };
  return Object.create(s3, { send: { value: send } }) as S3Client;
}
