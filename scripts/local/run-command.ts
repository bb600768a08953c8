/** Aborts, retries or reruns a run over the admin API. */
export function commandRun(url: string, runId: string, command: "abort" | "retry" | "rerun"): Promise<Response> {
  return fetch(`${url}/lightly-aws/runs/${encodeURIComponent(runId)}/${command}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
}
