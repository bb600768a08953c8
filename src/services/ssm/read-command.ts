import type { GetCommandInvocationCommandOutput, SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { SharedRequests, type Turn, type WaitOptions } from "../../polling/shared-requests.ts";
import { GetCommandInvocationCommand, ListCommandInvocationsCommand } from "../../sdk/ssm.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { throttledByAws } from "../aws/errors/map-aws-error.ts";
import { type CommandReport, readReport } from "./command-report.ts";

/** A command on one instance. */
export interface CommandRef {
  readonly commandId: string;
  readonly instanceId: string;
}

/** What SSM reports about one command: its report, or the error of the SDK for it alone. */
type CommandResponse = PromiseSettledResult<CommandReport>;

/** The most that AWS returns in one page. */
const PAGE_SIZE = 50;
/** The account may run many commands of other programs. */
const MAX_PAGES = 40;
const shared = new WeakMap<SSMClient, SharedRequests<CommandResponse>>();

/**
 * Reads the report of a command. Waits for several commands share a list of all commands in progress, so that only a command that has
 * ended needs a request of its own; see {@link SharedRequests}.
 *
 * @returns the report; before the end without output
 * @throws the error of the SDK, `InvocationDoesNotExist` for one; PipelineError `AWS_SERVICE_FAILED`, `ABORTED`
 */
export async function readCommand(
  ssm: SSMClient,
  ref: CommandRef,
  signal: AbortSignal,
  wait?: WaitOptions,
): Promise<CommandReport> {
  let requests = shared.get(ssm);
  if (!requests) {
    requests = new SharedRequests<CommandResponse>({
      limit: Number.POSITIVE_INFINITY,
      isOneKeysFault: () => false,
      throttledFor: throttledByAws,
      request: (keys, abortSignal, turn) => new CommandReader(ssm, abortSignal, turn).read(keys.map(parseKey)),
    });
    shared.set(ssm, requests);
  }
  const key = keyOf(ref);
  const response = (await requests.get([key], signal, wait)).get(key);
  if (response?.status !== "fulfilled") {
    throw response?.reason;
  }
  return response.value;
}

class CommandReader {
  readonly #ssm: SSMClient;
  readonly #signal: AbortSignal;
  readonly #turn: Turn;

  constructor(ssm: SSMClient, signal: AbortSignal, turn: Turn) {
    this.#ssm = ssm;
    this.#signal = signal;
    this.#turn = turn;
  }

  async read(refs: readonly CommandRef[]): Promise<Map<string, CommandResponse>> {
    const responses = new Map<string, CommandResponse>();
    const wanted = new Set(refs.map(keyOf));
    for (const status of ["InProgress", "Pending"] as const) {
      if (wanted.size - responses.size > 1) {
        await this.#list(status, wanted, responses);
      }
    }
    for (const ref of refs) {
      const key = keyOf(ref);
      if (!responses.has(key)) {
        responses.set(key, await this.#readOne(ref));
      }
    }
    return responses;
  }

  /** Which of the commands are in this state. A list that AWS refuses is empty: then each command is read by itself. */
  async #list(
    Status: "InProgress" | "Pending",
    wanted: ReadonlySet<string>,
    found: Map<string, CommandResponse>,
  ): Promise<void> {
    let NextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES && found.size < wanted.size; page += 1) {
      await this.#turn();
      try {
        const list = await this.#ssm.send(
          new ListCommandInvocationsCommand({
            Filters: [{ key: "Status", value: Status }],
            MaxResults: PAGE_SIZE,
            NextToken,
          }),
          { abortSignal: this.#signal },
        );
        for (const { CommandId = "", InstanceId = "", ...listed } of list.CommandInvocations ?? []) {
          const ref = { commandId: CommandId, instanceId: InstanceId };
          const report = readReport({ $metadata: {}, ...listed }, ref);
          if (report && wanted.has(keyOf(ref))) {
            found.set(keyOf(ref), { status: "fulfilled", value: report });
          }
        }
        NextToken = list.NextToken || undefined;
      } catch (error) {
        this.#throwUnless(error, isRefused(error));
        return;
      }
      if (NextToken === undefined) {
        return;
      }
    }
  }

  async #readOne({ commandId, instanceId }: CommandRef): Promise<CommandResponse> {
    await this.#turn();
    try {
      const response = await this.#ssm.send(
        new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
        { abortSignal: this.#signal },
      );
      return { status: "fulfilled", value: reportOf(response, { commandId, instanceId }) };
    } catch (reason) {
      this.#throwUnless(reason, isOfOneCommand(reason));
      return { status: "rejected", reason };
    }
  }

  #throwUnless(error: unknown, isTolerated: boolean): void {
    if (this.#signal.aborted || !isTolerated) {
      throw error;
    }
  }
}

/** Whether the user may not list commands, or the service does not know the request. */
function isRefused(error: unknown): boolean {
  const { httpStatus } = readAwsError(error);
  return (httpStatus === 400 || httpStatus === 403) && throttledByAws(error) === undefined;
}

/** Whether other commands may be read nevertheless. */
function isOfOneCommand(error: unknown): boolean {
  const { httpStatus } = readAwsError(error);
  return error instanceof PipelineError || (httpStatus === 400 && throttledByAws(error) === undefined);
}

function reportOf(response: GetCommandInvocationCommandOutput, ref: CommandRef): CommandReport {
  const report = readReport(response, ref);
  if (!report) {
    throw new PipelineError(
      "AWS_SERVICE_FAILED",
      `The response of SSM about command ${ref.commandId} has no valid status. Try again later.`,
      { retryable: true, details: { ...ref, status: response.Status } },
    );
  }
  return report;
}

function keyOf({ commandId, instanceId }: CommandRef): string {
  return `${commandId} ${instanceId}`;
}

function parseKey(key: string): CommandRef {
  const [commandId = "", instanceId = ""] = key.split(" ");
  return { commandId, instanceId };
}
