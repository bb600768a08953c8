import type { AwsCredentials } from "../../src/aws/aws-service.ts";
import { send } from "../aws/raw-request.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are compared member by member
export type Answer = any;

/** Requests to Batch and CloudWatch Logs, signed but without an SDK; an error is thrown with its name and status. */
export interface Ask {
  batch(operation: string, body?: object): Promise<Answer>;
  logs(operation: string, body: object): Promise<Answer>;
  /** A request with any method and path to Batch. */
  rest(method: string, path: string, body?: object): Promise<Answer>;
}

export function askAt(endpoint: string, credentials?: AwsCredentials): Ask {
  const ask = async (
    service: string,
    [method, path]: readonly [string, string],
    headers: Record<string, string>,
    body?: object,
  ): Promise<Answer> => {
    const answer = await send(endpoint, {
      ...{ method, service, path, headers, body: body === undefined ? "" : JSON.stringify(body) },
      ...(credentials === undefined ? {} : { credentials }),
    });
    const content = answer.body === "" ? undefined : JSON.parse(answer.body);
    if (answer.status !== 200) {
      const name = answer.headers["x-amzn-errortype"];
      throw Object.assign(new Error(content?.message), { name, status: answer.status });
    }
    return content;
  };
  const rest: Ask["rest"] = (method, path, body) =>
    ask("batch", [method, path], { "content-type": "application/json" }, body);
  return {
    rest,
    batch: (operation, body = {}) => rest("POST", `/v1/${operation.toLowerCase()}`, body),
    logs(operation, body) {
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Logs_20140328.${operation}` };
      return ask("logs", ["POST", "/"], headers, body);
    },
  };
}

/** For `assert.rejects`: ClientException with a text. */
export function clientException(pattern: RegExp): object {
  return { name: "ClientException", status: 400, message: pattern };
}
