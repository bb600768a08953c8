import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";

/** A message as it arrives: whatever the flow has put on it. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

/** What a node sends: one message, or one list entry per output. */
export type Send = (message: Message | Array<Message | null>) => void;

/** The configuration of a step as its form saves it; each value is `unknown` until it was read. */
export type StepDef = NodeDef & Record<string, unknown>;

export type { Node, NodeAPI, NodeDef };
