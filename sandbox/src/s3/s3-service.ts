import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsService } from "../aws/aws-service.ts";
import type { Operation } from "./operation-name.ts";
import * as buckets from "./operations/buckets.ts";
import { completeMultipartUpload } from "./operations/complete-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteObject, deleteObjects } from "./operations/delete-objects.ts";
import { listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { listMultipartUploads, listParts } from "./operations/list-uploads.ts";
import * as multipart from "./operations/multipart-upload.ts";
import { getObject, headObject } from "./operations/read-object.ts";
import * as tagging from "./operations/tagging.ts";
import { putObject } from "./operations/write-object.ts";
import { type Handler, readCall, type S3Call } from "./s3-call.ts";
import { errorDocument, text } from "./s3-xml.ts";
import { createObjectStorage, type ObjectStorage } from "./storage/object-storage.ts";
import { Store } from "./storage/store.ts";

const HANDLERS: Readonly<Record<Operation, Handler>> = {
  ListBuckets: buckets.listBuckets,
  CreateBucket: buckets.createBucket,
  HeadBucket: buckets.headBucket,
  DeleteBucket: buckets.deleteBucket,
  GetBucketLocation: buckets.getBucketLocation,
  GetBucketVersioning: buckets.getBucketVersioning,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  GetObjectTagging: tagging.getObjectTagging,
  PutObjectTagging: tagging.putObjectTagging,
  DeleteObjectTagging: tagging.deleteObjectTagging,
  CreateMultipartUpload: multipart.createMultipartUpload,
  UploadPart: multipart.uploadPart,
  UploadPartCopy: multipart.uploadPartCopy,
  AbortMultipartUpload: multipart.abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
};

export interface S3ServiceOptions {
  /** Contains the objects and their index; an existing one is loaded. */
  readonly dir: string;
  readonly region: string;
  readonly log?: (line: string) => void;
}

/** S3, path style, of one account. Its endpoint is that of one region; buckets of other regions are reached by their redirects. */
export async function createS3Service(options: S3ServiceOptions): Promise<AwsService & { storage: ObjectStorage }> {
  const { dir, region, log = () => {} } = options;
  const store = new Store(dir, log);
  return {
    name: "s3",
    storage: createObjectStorage(store),
    operation: (request) => readCall(request, store, region).operation,
    async handle(request) {
      const call = readCall(request, store, region);
      checkRegion(call, region);
      if (call.header("x-amz-request-payer") === "requester") {
        call.response.setHeader("x-amz-request-charged", "requester");
      }
      await HANDLERS[call.operation](call);
    },
    refuse,
  };
}

/**
 * A request is signed for the region of its bucket. The endpoint stands for the sandbox's own region: it redirects requests to buckets of
 * other regions.
 */
function checkRegion({ request, region: home, bucket }: S3Call, own: string): void {
  const headers = { "x-amz-bucket-region": home };
  if (request.region === home) {
    return;
  }
  if (request.region === own && !request.presigned) {
    const message =
      "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    const details = { Endpoint: `${bucket}.s3.${home}.amazonaws.com`, Bucket: bucket };
    throw new AwsFault("PermanentRedirect", 301, message, details, headers);
  }
  const message = `The authorization header is malformed; the region '${request.region}' is wrong; expecting '${home}'`;
  const code = request.presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
  throw new AwsFault(code, 400, message, { Region: home }, headers);
}

/** An error in S3's format; the response to HEAD has only the status. */
function refuse(response: ServerResponse, fault: AwsFault): void {
  const body = Buffer.from(
    errorDocument(
      text("Code", fault.code),
      text("Message", fault.message),
      ...Object.entries(fault.details).map(([name, value]) => text(name, value)),
      text("RequestId", String(response.getHeader("x-amz-request-id") ?? "")),
      text("HostId", "sandbox"),
    ),
  );
  response.writeHead(fault.status, {
    ...fault.headers,
    "content-type": "application/xml",
    "content-length": body.length,
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
