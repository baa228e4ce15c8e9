import { Refusal } from "./refusal.ts";
import type { Handler, Routes } from "./request-context.ts";

/** What the API has a place for and this version does not do yet. */
export function comingRoutes(base: string): Routes {
  const refuse: Handler = () => {
    throw new Refusal("not_implemented", "Not implemented yet");
  };
  return {
    [`${base}/docs`]: { GET: refuse },
  };
}
