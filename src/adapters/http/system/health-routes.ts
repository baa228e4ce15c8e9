import type { KeyPool } from "../../../application/index.ts";
import { type Clock, isEverything, mayActAs } from "../../../domain/index.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail, succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import type { RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import type { Health } from "./system-answers.ts";
import { health } from "./system-schemas.ts";

export const HEALTH_PATH = `${BASE}/health`;

export function healthRoutes(pool: KeyPool, clock: Clock, version: string): readonly Route[] {
  const startedAt = clock.now();

  const check = route({
    method: "GET",
    path: HEALTH_PATH,
    tag: "System",
    summary: "Check health",
    description: "Anybody gets the status; who may see all keys, the parts as well.",
    role: "anyone",
    answers: {
      200: { description: "Healthy or degraded", schema: success(health) },
      503: { description: "Keys cannot be handed out", schema: failure("unhealthy", health) },
    },
    failures: [],
    logged: "debug",
    async handler(ctx) {
      const { status, parts, keys } = await pool.checkHealth.execute();
      const uptime = Math.max(0, Math.floor((clock.now() - startedAt) / 1000));
      const data: Health = maySeeAll(ctx) ? { status, version, uptime, parts, keys } : { status };
      if (status === "unhealthy") fail(ctx, "unhealthy", "Keys cannot be handed out", { data });
      else succeed(ctx, data, status === "healthy" ? "Healthy" : "Degraded");
    },
  });

  return [check];
}

function maySeeAll({ state: { caller } }: RequestContext): boolean {
  return caller !== undefined && mayActAs(caller.role, "viewer") && isEverything(caller.scope);
}
