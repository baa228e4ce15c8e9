import { collectDefaultMetrics, type Registry } from "@prometheus-io/client";

/** Those of the client's own that are not named as Prometheus wants it; each but the last has a better one beside it. */
const ILL_NAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
  "nodejs_eventloop_utilization_histogram",
  "nodejs_eventloop_utilization_summary",
];

const HOUR_MS = 3_600_000;

/** The processor, the memory, the event loop and the garbage of this process, under their usual names. */
export function addProcessMetrics(registry: Registry): void {
  // What measures the utilization goes on when nobody reads it.
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: HOUR_MS });
  for (const name of ILL_NAMED) registry.removeSingleMetric(name);
}
