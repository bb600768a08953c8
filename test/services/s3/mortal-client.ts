import type { S3Client } from "@aws-sdk/client-s3";

/** When a process ends: after a number of requests, with or without the last response. */
export interface Death {
  readonly after: number;
  readonly answer: "arrived" | "lost";
}

/** The requests of a process to S3, and its end. */
export interface Life {
  /** Processed requests: `UploadPart 2`, `HeadObject`, ... */
  readonly sent: string[];
  /** Resolves when the process has ended: no further requests are sent, and none is in flight. */
  readonly ended: Promise<"ended">;
}

/** Makes a client behave as if its process had ended: no further request is sent, and no response arrives. */
export function mortal(client: S3Client, death?: Death): Life {
  const sent: string[] = [];
  const forever = new Promise<never>(() => {});
  let underway = 0;
  let isDead = false;
  let end: (word: "ended") => void = () => {};
  const ended = new Promise<"ended">((resolve) => {
    end = resolve;
  });
  const endIfQuiet = (): void => {
    if (isDead && underway === 0) {
      end("ended");
    }
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { PartNumber: number } = args.input as { PartNumber?: number };
      const name = String(context.commandName).replace(/Command$/, "");
      const limit = death?.after ?? Number.POSITIVE_INFINITY;
      if (sent.length >= limit) {
        isDead = true;
        endIfQuiet();
        return forever;
      }
      sent.push(number === undefined ? name : `${name} ${number}`);
      const isLost = sent.length === limit && death?.answer === "lost";
      isDead ||= isLost;
      underway += 1;
      try {
        const answer = await next(args);
        return isLost ? forever : answer;
      } finally {
        underway -= 1;
        endIfQuiet();
      }
    },
    { step: "initialize" },
  );
  return { sent, ended };
}
