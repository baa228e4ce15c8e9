export * from "./redis-cooldown-store.ts";
export * from "./redis-event-feed.ts";
export * from "./redis-health-indicator.ts";
export * from "./redis-news.ts";
