/** Asks Node-RED's admin API to do something with a run. */
export function commandRun(url: string, runId: string, command: "abort" | "retry" | "rerun"): Promise<Response> {
  return fetch(`${url}/lightly-aws/runs/${encodeURIComponent(runId)}/${command}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
}
