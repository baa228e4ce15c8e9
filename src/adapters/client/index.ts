export { AdminClient, type NewTokenRequest } from "./admin-client.ts";
export type * from "./api-answers.ts";
export type { CallOptions, ConnectionOptions } from "./api-connection.ts";
export { ApiError, type ApiErrorCode, type BadField } from "./api-error.ts";
export { type AzureCode, azureCodeIn } from "./azure-code.ts";
export type { CallInfo, CallOutcome, ClientHooks, KeyAttempt, RetryInfo } from "./client-hooks.ts";
export { FollowedKey, type FollowedState, type FollowOptions } from "./followed-key.ts";
export * from "./key-pool-client.ts";
export { NoKeyError, type NoKeyReason } from "./no-key-error.ts";
export type * from "./requests.ts";
export { speechCodeIn } from "./speech-code.ts";
export {
  type KeyHolder,
  type Recognizer,
  SpeechFailover,
  type SpeechOptions,
  type SpeechSdk,
  SpeechTimeout,
  type Synthesizer,
} from "./speech-failover.ts";
export type { WatchedEvent } from "./watch-events.ts";
export type { KeyCall, WithKeyOptions } from "./with-key.ts";
