export * from "./application/index.ts";
export * from "./domain/index.ts";
