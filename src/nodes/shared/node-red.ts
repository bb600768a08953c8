import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";

/** A message, with unknown values. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

/** What a node sends: one message, or one list entry per output. */
export type Send = (message: Message | Array<Message | null>) => void;

/** The saved configuration of a step, with unknown values. */
export type StepDef = NodeDef & Record<string, unknown>;

export type { Node, NodeAPI, NodeDef };
