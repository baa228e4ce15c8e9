export {
  FallbackCooldownStore,
  type FallbackOptions,
  type LocalCooldownStore,
  type SharedCooldownStore,
} from "./fallback-cooldown-store.ts";
export { SharedClock } from "./shared-clock.ts";
