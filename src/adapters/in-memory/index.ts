export * from "./in-memory-cooldown-store.ts";
export * from "./manual-clock.ts";
export * from "./system-clock.ts";
