export {
  FallbackCooldownStore,
  type FallbackOptions,
  type LocalCooldownStore,
} from "./fallback-cooldown-store.ts";
export { SharedClock } from "./shared-clock.ts";
