export * from "./breakable.ts";
export * from "./cooldown-store.ts";
export { describeKeyPool, type Storage as RestartableStorage } from "./key-pool.ts";
export * from "./key-repository.ts";
export * from "./log.ts";
export * from "./news.ts";
export * from "./pool.ts";
export * from "./setting-repository.ts";
export * from "./storage.ts";
