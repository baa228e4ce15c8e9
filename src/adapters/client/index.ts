export { AdminClient, type NewTokenRequest } from "./admin-client.ts";
export type * from "./api-answers.ts";
export type { ConnectionOptions } from "./api-connection.ts";
export { ApiError, type ApiErrorCode, type BadField } from "./api-error.ts";
export * from "./key-pool-client.ts";
export type { WatchedEvent } from "./watch-events.ts";
export type { KeyUse, WithKeyOptions } from "./with-key.ts";
