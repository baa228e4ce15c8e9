import type { KeyNotice } from "../../../application/index.ts";
import { isoTime } from "../server/iso-time.ts";
import type { StreamEnd } from "../server/stream-end.ts";
import { type HandedOutKey, presentHandOut } from "./key-answers.ts";

/** What a stream of keys says. */
export type WatchMessage =
  /** The key to use from now on. The id lets the caller go on with it, at any instance. */
  | { readonly event: "key"; readonly id: string; readonly data: HandedOutKey }
  /** There is no key until the next message; the first is back at that time, null where none comes back by itself. */
  | { readonly event: "none"; readonly data: { readonly availableAt: string | null } }
  /** Nothing follows: the server stops, or the token is not good any more. */
  | { readonly event: "end"; readonly data: { readonly reason: StreamEnd } };

/** The messages that are made of notices; the end is told by the stream itself. */
export function presentNotice(notice: Exclude<KeyNotice, { readonly kind: "end" }>): WatchMessage {
  if (notice.kind === "key") return { event: "key", id: notice.id, data: presentHandOut(notice.key) };
  const { availableAt } = notice;
  return { event: "none", data: { availableAt: availableAt === null ? null : isoTime(availableAt) } };
}
