import { readJson, UPLOAD_LIMIT_BYTES } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import type { Handler, Routes } from "./request-context.ts";

/** What the API has a place for and this version does not do yet. */
export function comingRoutes(base: string): Routes {
  const refuse: Handler = () => {
    throw new Refusal("not_implemented", "Not implemented yet");
  };
  const refuseBody =
    (limitBytes?: number): Handler =>
    async (ctx) => {
      await readJson(ctx, limitBytes);
      await refuse(ctx);
    };
  return {
    [`${base}/upload/template`]: { GET: refuse },
    [`${base}/upload/validate`]: { POST: refuseBody(UPLOAD_LIMIT_BYTES) },
    [`${base}/upload/create-keys`]: { POST: refuseBody(UPLOAD_LIMIT_BYTES) },
    [`${base}/docs`]: { GET: refuse },
    [`${base}/system/cleanup`]: { GET: refuse, POST: refuseBody() },
  };
}
