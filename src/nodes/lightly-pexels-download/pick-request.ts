import type { ListPick, PexelsPick } from "../../services/pexels/pick-video.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { fields } from "./fields.ts";

/** Reads the filters of the form. */
export async function readFilters(inputs: Inputs) {
  const { orientation, size, ...filters } = await inputs.read(
    fields,
    "maxWidth",
    "seed",
    "orientation",
    "size",
    "minDurationSeconds",
    "maxDurationSeconds",
  );
  return { orientation: orientation || undefined, size: size || undefined, ...filters };
}

/** Reads which video to pick. */
export async function pickOf(inputs: Inputs): Promise<PexelsPick> {
  const { pick: kind } = await inputs.read(fields, "pick");
  return kind === "id" ? { kind, id: (await inputs.read(fields, "videoId")).videoId } : await listPickOf(inputs);
}

/** Reads from which list to pick. */
export async function listPickOf(inputs: Inputs): Promise<ListPick> {
  const { pick } = await inputs.read(fields, "pick");
  const paging = await inputs.read(fields, "page");
  return pick === "search"
    ? { kind: pick, ...paging, ...(await inputs.read(fields, "query")) }
    : { kind: "popular", ...paging };
}
