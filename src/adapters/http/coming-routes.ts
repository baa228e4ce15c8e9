import { readJson } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import type { Handler, Routes } from "./request-context.ts";

/** What the API has a place for and this version does not do yet. */
export function comingRoutes(base: string): Routes {
  const refuse: Handler = () => {
    throw new Refusal("not_implemented", "Not implemented yet");
  };
  const refuseBody: Handler = async (ctx) => {
    await readJson(ctx);
    await refuse(ctx);
  };
  return {
    [`${base}/keys/test`]: { POST: refuseBody },
    [`${base}/keys/test2`]: { POST: refuseBody },
    [`${base}/translation/keys/test`]: { POST: refuseBody },
    [`${base}/docs`]: { GET: refuse },
  };
}
