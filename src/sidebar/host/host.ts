import type { StepRecord } from "../../records/run-record.ts";

/** A node of a flow, as far as a user knows it. */
export interface HostNode {
  /** Empty if the node has no name. */
  readonly label: string;
  /** The name of its flow or subflow. */
  readonly flow: string;
  /** The id of its account. */
  readonly account?: string;
}

/** The ids of a step's node: see {@link StepRecord}. */
type StepNodeIds = Pick<StepRecord, "nodeId" | "subflowNodeId" | "templateNodeId">;

/** The application that shows runs: the editor of Node-RED, or the full page. */
export interface Host {
  readonly language: string;
  /** Looks up a text. */
  text(key: string, values?: Readonly<Record<string, unknown>>): string;
  /**
   * Sends a request to the admin API.
   *
   * @param body - sent as JSON
   * @throws RequestError
   */
  request<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T>;
  /** Reads a file from the admin API. An element such as `img` would not send the access token. @throws RequestError */
  file(path: string): Promise<Blob>;
  /** Whether the user may abort, start and delete runs. */
  canWrite(): boolean;
  /** A node; undefined if it does not exist. */
  node(nodeId: string): HostNode | undefined;
  /** Selects a node in the workspace, whose flow or subflow is opened; absent where there is no workspace. */
  showNode?(nodeId: string): void;
  /** The address of a file of the admin API, or of the full page. */
  address(path: string): string;
}

let current: Host | undefined;

/** Call it once, before anything is shown. */
export function setHost(host: Host): void {
  current = host;
}

export function host(): Host {
  if (!current) {
    throw new Error("The host is not set yet.");
  }
  return current;
}

/** Looks up a text. */
export function text(key: string, values?: Readonly<Record<string, unknown>>): string {
  return host().text(key, values);
}

/** The name of a node's flow or subflow; empty if the node does not exist. */
export function flowOf(nodeId: string | undefined): string {
  return (nodeId === undefined ? undefined : host().node(nodeId)?.flow) ?? "";
}

/** The label of a node; empty if the node does not exist. */
export function labelOf(nodeId: string): string {
  return host().node(nodeId)?.label ?? "";
}

/**
 * The node of a step that a user can open: its own one or, inside a subflow, that of the template; the subflow node if the template is not
 * known. Undefined if the node does not exist.
 */
export function nodeToOpen({ nodeId, subflowNodeId, templateNodeId }: StepNodeIds): string | undefined {
  return [templateNodeId, subflowNodeId, nodeId].find((id) => id !== undefined && hasNode(id));
}

/** Whether a node exists in a flow. */
export function hasNode(nodeId: string): boolean {
  return host().node(nodeId) !== undefined;
}
