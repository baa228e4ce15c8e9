import {
  type Asker,
  actorOf,
  type FeedEvent,
  knownSetting,
  type SettingChange,
  statusAt,
} from "../../domain/index.ts";
import type { TakenReport } from "../hand-outs/report-code.ts";
import type { DurableChange } from "../keyring/change-notices.ts";
import type { Health } from "../upkeep/check-health.ts";

/** Undefined for what is logged, and told of, as a whole: an import. */
export function keyEvent({ key, entry, left }: DurableChange): FeedEvent | undefined {
  if (entry === null) return undefined;
  const { id: keyId, service, region, name: keyName, tag, standing } = key;
  const { at, actor, action, statusCode: code } = entry;
  const isGone = action === "delete_key";
  const rests = !isGone && at < standing.cooldownUntil;
  return {
    kind: "key",
    ...{ at, keyId, service, region, keyName, tag },
    actor,
    action,
    status: isGone ? null : statusAt(standing, at),
    cooldownUntil: rests ? standing.cooldownUntil : null,
    code,
    ...(left && { left: { region: left.region, keyName: left.name, tag: left.tag } }),
  };
}

export function reportEvent({ key, statusCode: code, outcome, at }: TakenReport): FeedEvent {
  const { id: keyId, service, region, name: keyName, tag } = key;
  const { action, statusChanged } = outcome;
  const reason = "reason" in outcome ? outcome.reason : null;
  return { kind: "report", at, keyId, service, region, keyName, tag, code, action, reason, statusChanged };
}

const LONGEST_VALUE = 1_000;

/** What a free setting holds is not told, for it may be anything; nor is what is too long to be read. */
export function settingEvent(change: SettingChange, at: number, asker: Asker | undefined): FeedEvent {
  const { name } = change;
  const value = "removed" in change || !knownSetting(name) ? "" : change.value;
  const isShown = value !== "" && value.length <= LONGEST_VALUE;
  return { kind: "setting", at, actor: actorOf(asker), name, value: isShown ? value : null };
}

export function tokenEvent(
  action: "created" | "revoked",
  token: { readonly id: string; readonly name: string | null },
  at: number,
  asker: Asker | undefined,
): FeedEvent {
  return { kind: "token", at, actor: actorOf(asker), action, tokenId: token.id, name: token.name };
}

export function healthEvent({ status, parts }: Health, at: number): FeedEvent {
  const named = Object.entries(parts).map(([name, { status }]) => ({ name, status }));
  return { kind: "health", at, status, parts: named };
}
