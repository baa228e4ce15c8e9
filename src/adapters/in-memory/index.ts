export * from "./in-memory-cooldown-store.ts";
export * from "./in-memory-database.ts";
export * from "./in-memory-key-repository.ts";
export * from "./in-memory-log.ts";
export * from "./in-memory-ports.ts";
export * from "./in-memory-setting-repository.ts";
export * from "./manual-clock.ts";
export * from "./system-clock.ts";
