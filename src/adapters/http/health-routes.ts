import type { KeyPool } from "../../application/index.ts";
import type { Clock } from "../../domain/index.ts";
import { fail, succeed } from "./answers.ts";
import type { Handler, Routes } from "./request-context.ts";

export function healthRoutes(base: string, pool: KeyPool, clock: Clock, version: string): Routes {
  const startedAt = clock.now();

  const check: Handler = async (ctx) => {
    const { status, parts } = await pool.checkHealth.execute();
    const uptime = Math.floor((clock.now() - startedAt) / 1000);
    const data = { status, version, uptime, parts };
    if (status === "unhealthy") fail(ctx, "unhealthy", "Keys cannot be handed out", { data });
    else succeed(ctx, data, status === "healthy" ? "Healthy" : "Degraded");
  };

  return { [base]: { GET: check } };
}
