export { createMetrics, type Metrics, type MetricsOptions, type Scrape } from "./create-metrics.ts";
