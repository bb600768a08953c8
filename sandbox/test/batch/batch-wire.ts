import { createBatchService } from "../../src/batch/wire/batch-service.ts";
import { type RunningAws, startAws } from "../aws/aws-server.ts";
import { type Ask, askAt } from "./ask.ts";
import { type BatchModel, batchModel } from "./batch-model.ts";

/** Batch behind a real server, with a clock, instances and containers of the test. */
export interface BatchWire extends Ask {
  readonly model: BatchModel;
  readonly aws: RunningAws;
  close(): Promise<void>;
}

export async function startBatchWire(): Promise<BatchWire> {
  const model = batchModel();
  const aws = await startAws({ others: [createBatchService(model.core)] });
  return {
    ...{ model, aws },
    ...askAt(aws.endpoint),
    async close() {
      model.core.close();
      await aws.close();
    },
  };
}
