import type { ServerResponse } from "node:http";
import { group, text } from "../s3/s3-xml.ts";
import type { AwsFault } from "./aws-fault.ts";
import type { AwsRequest } from "./aws-service.ts";

/** The responses of a service with AWS's query protocol, such as STS and IAM. */
export interface QueryProtocol {
  /** Answers an action with its result, as XML. */
  send(request: AwsRequest, action: string, result: string): void;
  refuse(response: ServerResponse, fault: AwsFault): void;
}

/** @param namespace - of the service's XML, such as `https://sts.amazonaws.com/doc/2011-06-15/` */
export function queryProtocol(namespace: string): QueryProtocol {
  return {
    send({ response, requestId }, action, result) {
      const metadata = group("ResponseMetadata", text("RequestId", requestId));
      const content = group(`${action}Result`, result) + metadata;
      write(response, 200, `<${action}Response xmlns="${namespace}">${content}</${action}Response>`);
    },
    refuse(response, fault) {
      const type = text("Type", fault.status < 500 ? "Sender" : "Receiver");
      const error = group("Error", type, text("Code", fault.code), text("Message", fault.message));
      const requestId = text("RequestId", String(response.getHeader("x-amzn-requestid") ?? ""));
      write(response, fault.status, `<ErrorResponse xmlns="${namespace}">${error}${requestId}</ErrorResponse>`);
    },
  };
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
