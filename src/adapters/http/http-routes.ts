import type { Logger } from "pino";
import type { KeyPool } from "../../application/index.ts";
import type { Clock } from "../../domain/index.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { docsRoutes } from "./docs/docs-routes.ts";
import { eventRoutes } from "./events/event-routes.ts";
import { keyRoutes } from "./keys/key-routes.ts";
import { listPlaces } from "./keys/list-places.ts";
import { poolRoutes } from "./keys/pool-routes.ts";
import { secretRoutes } from "./keys/secret-routes.ts";
import { watchRoutes } from "./keys/watch-routes.ts";
import { leaseRoutes } from "./leases/lease-routes.ts";
import { probeRoutes } from "./probes/probe-routes.ts";
import { reportRoutes } from "./reports/report-routes.ts";
import type { GuardOptions } from "./server/guard.ts";
import type { HttpMetrics } from "./server/http-metrics.ts";
import type { StreamOptions } from "./server/open-streams.ts";
import type { Route } from "./server/route.ts";
import { settingRoutes } from "./settings/setting-routes.ts";
import { cleanupRoutes } from "./system/cleanup-routes.ts";
import { healthRoutes } from "./system/health-routes.ts";
import { metricsRoutes } from "./system/metrics-routes.ts";
import type { WebPage } from "./system/page-routes.ts";
import { welcomeRoutes } from "./system/welcome-routes.ts";
import { tokenRoutes } from "./tokens/token-routes.ts";
import { uploadRoutes } from "./uploads/upload-routes.ts";

export interface HttpAppOptions {
  readonly pool: KeyPool;
  /** Judges statuses in answers and counts the uptime. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Shown by the health check. */
  readonly version: string;
  /** Who is let in without a token. Default: programs of this machine, for as long as no token exists. */
  readonly guard?: GuardOptions;
  /**
   * Origins whose pages may call the API with a token, such as `https://keys.example.com`. Default: none but the
   * server's own.
   */
  readonly corsOrigins?: readonly string[];
  /** How many streams of events are served, and how they are kept. Default: 1,000 at a time, of one token 750. */
  readonly eventStreams?: StreamOptions;
  /** The same for those who watch keys. Default: 5,000 at a time, of one token 4,000. */
  readonly keyStreams?: StreamOptions;
  /** Counts what is asked, and is told at `/metrics`. Default: nothing is counted, and there is no such path. */
  readonly metrics?: HttpMetrics;
  /** Further routes, made with `route`: served, documented, checked and logged like the API's own. */
  readonly routes?: readonly Route[];
  /** What browsers are shown at `/`. Default: they are sent to the documentation. */
  readonly page?: WebPage;
}

/** Everything the API answers. */
export function httpRoutes(options: HttpAppOptions) {
  const { pool, clock, log, version, page, eventStreams, keyStreams, metrics } = options;
  const { routes: further = [] } = options;
  const lists = listPlaces();
  const watches = watchRoutes(pool, keyStreams);
  const routes: readonly Route[] = [
    ...keyRoutes("speech", pool, clock, lists, watches.speech),
    ...keyRoutes("translation", pool, clock, lists, watches.translation),
    ...(pool.leases ? leaseRoutes(pool.leases) : []),
    ...secretRoutes("speech", pool, lists),
    ...secretRoutes("translation", pool, lists),
    ...poolRoutes(pool, lists),
    ...reportRoutes(pool, clock, lists),
    ...probeRoutes(pool),
    ...settingRoutes(pool),
    ...uploadRoutes(pool, log),
    ...(pool.access ? tokenRoutes(pool.access) : []),
    ...(pool.events ? eventRoutes(pool.events, eventStreams) : []),
    ...(pool.audit ? auditRoutes(pool.audit) : []),
    ...cleanupRoutes(pool),
    ...healthRoutes(pool, clock, version),
    ...(metrics ? metricsRoutes(metrics) : []),
    ...docsRoutes(version, () => routes),
    ...welcomeRoutes(version, page?.page),
    ...further,
  ];
  return routes;
}
