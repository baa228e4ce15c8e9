import { readJson } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import type { Handler, Routes } from "./request-context.ts";

/** What the API has a place for and this version does not do yet. */
export function comingRoutes(base: string): Routes {
  const refuse: Handler = async (ctx) => {
    await readJson(ctx);
    throw new Refusal("not_implemented", "Not implemented yet");
  };
  return {
    [`${base}/keys/test`]: { POST: refuse },
    [`${base}/keys/test2`]: { POST: refuse },
    [`${base}/translation/keys/test`]: { POST: refuse },
  };
}
