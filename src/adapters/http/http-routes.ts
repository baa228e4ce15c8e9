import type { Logger } from "pino";
import type { KeyPool } from "../../application/index.ts";
import type { Clock } from "../../domain/index.ts";
import { docsRoutes } from "./docs-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import type { Routes } from "./request-context.ts";
import { settingRoutes } from "./setting-routes.ts";
import { systemRoutes } from "./system-routes.ts";
import { testRoutes } from "./test-routes.ts";
import { uploadRoutes } from "./upload-routes.ts";

export interface HttpAppOptions {
  readonly pool: KeyPool;
  /** Judges statuses in answers and counts the uptime. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Told by the health check. */
  readonly version: string;
}

export const BASE = "/api";

/** Everything the API answers. Fixed paths first, see `Routes`. */
export function httpRoutes({ pool, clock, log, version }: HttpAppOptions): Routes {
  return {
    ...testRoutes(BASE, pool),
    ...keyRoutes("speech", `${BASE}/keys`, pool, clock),
    ...keyRoutes("translation", `${BASE}/translation/keys`, pool, clock),
    ...settingRoutes(`${BASE}/config`, pool),
    ...uploadRoutes(`${BASE}/upload`, pool, log),
    ...systemRoutes(`${BASE}/system`, pool),
    ...docsRoutes(BASE, version),
    ...healthRoutes(`${BASE}/health`, pool, clock, version),
  };
}
