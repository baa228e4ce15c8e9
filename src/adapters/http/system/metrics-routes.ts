import { z } from "zod";
import type { HttpMetrics } from "../server/http-metrics.ts";
import { type Route, route } from "../server/route.ts";

export const METRICS_PATH = "/metrics";

/** For a monitor that comes by itself, at the path where monitors look. */
export function metricsRoutes(metrics: HttpMetrics): readonly Route[] {
  const scrape = route({
    method: "GET",
    path: METRICS_PATH,
    tag: "System",
    summary: "Read the metrics",
    description: "In the text format of Prometheus; about all keys.",
    role: "viewer",
    global: true,
    answers: { 200: { description: "The metrics", schema: z.string(), mediaType: "text/plain" } },
    failures: [],
    logged: "debug",
    async handler(ctx) {
      const { contentType, text } = await metrics.scrape();
      ctx.set("Content-Type", contentType);
      ctx.body = text;
    },
  });

  return [scrape];
}
