/**
 * Reads an answer's body as text, up to a limit that counts after decompression: a few hundred kilobytes of gzip can be gigabytes. What
 * goes beyond is not read, and the connection is closed.
 *
 * @param mostBytes - of the decoded body
 * @returns the text, or `undefined` when it is longer
 * @throws what `fetch` throws when the connection breaks or its signal is aborted
 */
export async function boundedText(response: Response, mostBytes: number): Promise<string | undefined> {
  if (response.body === null) {
    return "";
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      // Leaving the loop cancels the stream.
      return undefined;
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, bytes));
}
