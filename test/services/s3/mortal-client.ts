import type { S3Client } from "@aws-sdk/client-s3";

/** When a process ends: after so many requests, of which the last one's answer arrived, or was lost. */
export interface Death {
  readonly after: number;
  readonly answer: "arrived" | "lost";
}

/** What a process has asked of S3, and the moment of its end. */
export interface Life {
  /** Requests that S3 has carried out: `UploadPart 2`, `HeadObject`, ... */
  readonly sent: string[];
  /** Resolves when the process is gone: what it would have asked next is never sent, and nothing of it is under way any more. */
  readonly ended: Promise<"ended">;
}

/** Makes a client behave as if its process ended: from then on no request is sent, and no answer arrives. */
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
