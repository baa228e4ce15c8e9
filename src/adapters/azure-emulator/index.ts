export * from "./azure-emulator.ts";
export type { RequestFilter, SeenRequest } from "./request-log.ts";
export type { RequestKind } from "./route.ts";
export * from "./scenario.ts";
