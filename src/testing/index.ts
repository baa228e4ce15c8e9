export { describeAudit, type OpenAudit } from "./audit.ts";
export {
  type CooldownStoreDepartures,
  describeCooldownStore,
  type OpenCooldownStore,
} from "./cooldown-store.ts";
export { describeEventFeed, type OpenEventFeed } from "./event-feed.ts";
export { describeKeyPool, type OpenRestartable } from "./key-pool.ts";
export { describeKeyRepository } from "./key-repository.ts";
export { describeLeaseStore, type LeasingStore, type OpenLeaseStore } from "./lease-store.ts";
export { describeLog } from "./log.ts";
export { describeNews, type OpenNews } from "./news.ts";
export { describeSettingRepository } from "./setting-repository.ts";
export type { OpenStorage } from "./storage.ts";
export { describeTokenRepository, type OpenTokens } from "./token-repository.ts";
