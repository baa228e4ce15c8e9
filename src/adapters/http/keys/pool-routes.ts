import { z } from "zod";
import type { KeyPool } from "../../../application/index.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { STORAGE } from "../server/failure-codes.ts";
import { scopeOf } from "../server/guard.ts";
import { type Route, route } from "../server/route.ts";
import { presentPool } from "./key-answers.ts";
import { poolState } from "./key-schemas.ts";
import { type ListPlaces, onePage } from "./list-places.ts";

/** The pools of both services. */
export function poolRoutes({ readPools }: KeyPool, { pages }: ListPlaces): readonly Route[] {
  const list = route({
    method: "GET",
    path: `${BASE}/pools`,
    tag: "Pools",
    summary: "Count the keys of each pool by status",
    description:
      "Each service and region that has keys: how many are usable, rest or are disabled, and when the next is back.",
    role: "viewer",
    answers: {
      200: { description: "The pools by service and region", schema: success(z.array(poolState)) },
    },
    failures: STORAGE,
    async handler(ctx) {
      const pools = await onePage(ctx, pages, () => readPools.execute(scopeOf(ctx)));
      succeed(ctx, pools.map(presentPool), "Pools retrieved successfully");
    },
  });
  return [list];
}
