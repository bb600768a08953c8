import type { Page } from "playwright-core";

/**
 * Measures the processor time that a page's main thread takes. Unlike elapsed time, it does not depend on what else runs on the machine.
 *
 * @param work - is called several times
 * @returns the least of them, in milliseconds, because code is compiled first
 */
export async function leastProcessorMs(page: Page, times: number, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const threadMs = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "ThreadTime")?.value ?? Number.NaN);
  };
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < times; attempt += 1) {
    const before = await threadMs();
    await work();
    least = Math.min(least, (await threadMs()) - before);
  }
  await session.detach();
  return least;
}
