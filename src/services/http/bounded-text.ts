/**
 * Reads a response's body as text, up to a limit for the decompressed size: a few hundred kilobytes of gzip can be gigabytes. A longer
 * body is not read to its end, and the connection is closed.
 *
 * @param maxBytes - of the decompressed body
 * @returns the text, or `undefined` if it is longer
 * @throws what `fetch` throws when the connection breaks or its signal is aborted
 */
export async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  return response.body === null ? "" : await readBounded(response.body, maxBytes);
}

/** The same for the body itself. */
export async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      // Leaving the loop cancels the stream.
      return undefined;
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, bytes));
}
