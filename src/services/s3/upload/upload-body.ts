import type { PutObjectCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { addMiddleware, type Handler } from "../../aws/clients/sdk-middleware.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { isLocalHost } from "../../http/guard/local-host.ts";
import { sliced } from "./sliced-body.ts";

/** Whether the signature of a request includes the SHA-256 of its body. */
type Form = "unsigned" | "signed";

/** The value of `x-amz-content-sha256` for a body that is not signed. */
export const UNSIGNED = "UNSIGNED-PAYLOAD";

/** The form in which each bucket has taken a body, by the configuration of the client, which clients of one account share. */
const TAKEN = new WeakMap<object, Map<string, Form>>();

/** Codes of refusals that the form may have caused: by a policy with `s3:x-amz-content-sha256`, or by a store that always hashes bodies. */
const REFUSED = /^(?:AccessDenied|Forbidden|SignatureDoesNotMatch|XAmzContentSHA256Mismatch)$/;

const NAMES_FORM = /content-sha256|unsigned.?payload/i;

/** The part of the SDK's request that is used here. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly headers: Record<string, string>;
}

/**
 * Makes a request send its body in the cheapest safe form. The SDK hashes each body with SHA-256 for the signature, which takes a third of
 * the processor time of an upload, and opens a new connection for each body of 2 MiB or more, to ask for permission first
 * (`Expect: 100-continue`).
 *
 * - A body with a CRC32 is not signed over https and to this machine. Over plain http to another machine only the signature protects it.
 * - A bucket that refuses an unsigned body gets it again, signed, and all later ones signed.
 * - After a bucket has taken a body, or if a gateway does not support the question (HTTP 417), the SDK does not ask any more, and uses its
 *   connections again.
 *
 * The middleware belongs to the command, so that it also applies to clients that were created elsewhere, and only to uploads.
 *
 * @returns the same command
 */
export function cheapestBody<C extends PutObjectCommand | UploadPartCommand>({ config }: S3Client, command: C): C {
  const { Bucket: bucket = "", ChecksumCRC32: checksum } = command.input;
  const taken = TAKEN.get(config) ?? new Map<string, Form>();
  TAKEN.set(config, taken);
  let form: Form = "signed";
  let mustSign = false;
  let asksFirst = true;

  const adapt = (error: unknown): boolean => {
    const { name, message, httpStatus } = readAwsError(error);
    if (httpStatus === 417 && asksFirst) {
      asksFirst = false;
      return true;
    }
    // While other bodies are refused, the connection of this one may be reset before the response arrives.
    const isRefused = REFUSED.test(name) || NAMES_FORM.test(`${name} ${message}`) || taken.get(bucket) === "signed";
    if (form === "unsigned" && isRefused) {
      mustSign = true;
      return true;
    }
    return false;
  };
  const send = (next: Handler): Handler => {
    return async (args) => {
      for (;;) {
        try {
          const output = await next(args);
          taken.set(bucket, form);
          return output;
        } catch (error) {
          if (!adapt(error)) {
            throw error;
          }
        }
      }
    };
  };
  const prepare = (next: Handler): Handler => {
    return async (args) => {
      const { protocol, hostname, headers } = args.request as SdkRequest;
      const isSafe = checksum !== undefined && (protocol === "https:" || isLocalHost(hostname));
      form = isSafe && !mustSign && taken.get(bucket) !== "signed" ? "unsigned" : "signed";
      if (form === "unsigned") {
        headers["x-amz-content-sha256"] = UNSIGNED;
      }
      if (!asksFirst || taken.has(bucket)) {
        delete headers.Expect;
      }
      return await next(args);
    };
  };
  const slice = (next: Handler): Handler => {
    return async (args) => await next({ ...args, request: sliced(args.request) });
  };
  addMiddleware(command, { name: "adaptBody", step: "initialize" }, send);
  // Signs after this: a middleware of `finalizeRequest` on a command runs after the signer.
  addMiddleware(command, { name: "prepareBody", step: "build", priority: "low" }, prepare);
  addMiddleware(command, { name: "sliceBody", step: "deserialize", priority: "low" }, slice);
  return command;
}
