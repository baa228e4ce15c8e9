import type {
  Keeping,
  KeyId,
  Lease,
  LeaseDraft,
  LeaseId,
  LeaseList,
  LeaseTurn,
  Member,
  OtherList,
  Release,
  Renewal,
} from "../../domain/index.ts";
import { type LeaseAsked, LeaseBatches } from "./lease-batches.ts";
import { ListingTurns } from "./listing-turns.ts";
import { memberName } from "./member-name.ts";
import type { PoolPieces } from "./pool-pieces.ts";
import type { ScriptRunner } from "./scripts/script-runner.ts";
import {
  CARRY_OFF_LEASE,
  COUNT_LEASES,
  END_LEASE,
  KEEP_LEASES,
  LIST_TURNS,
  READ_LIST,
  RENEW_LEASE,
  RESTORE_LEASES,
  TAKE_LEASES,
} from "./scripts/take-lease.ts";

export const LEASE_SCRIPTS = [
  TAKE_LEASES,
  LIST_TURNS,
  RENEW_LEASE,
  END_LEASE,
  RESTORE_LEASES,
  CARRY_OFF_LEASE,
  KEEP_LEASES,
  READ_LIST,
  COUNT_LEASES,
];

/** Leases of one script call; Redis runs nothing else meanwhile. */
const CHUNK = 200;

interface Options {
  readonly scripts: ScriptRunner;
  readonly retentionMs: number;
  readonly settleMs: number;
}

/** The leases of pools in Redis. */
export class RedisLeases {
  readonly #scripts: ScriptRunner;
  readonly #retentionMs: number;
  readonly #batches: LeaseBatches;
  readonly #turns: ListingTurns;

  constructor({ scripts, retentionMs, settleMs }: Options) {
    this.#scripts = scripts;
    this.#retentionMs = retentionMs;
    this.#batches = new LeaseBatches({ scripts, retentionMs, settleMs });
    this.#turns = new ListingTurns(scripts);
  }

  /** `onPiece` is called when a piece of the work is done and the next begins. */
  async take(pieces: PoolPieces, asked: LeaseAsked, onPiece: () => void): Promise<LeaseTurn> {
    let isListed = false;
    for (;;) {
      const turn = await this.#batches.take(pieces, asked, isListed);
      if (typeof turn === "object") return turn;
      if (turn === "to-list" && isListed) return { status: "unloaded" };
      onPiece();
      if (turn === "to-list") await this.#turns.list(pieces, onPiece);
      isListed ||= turn === "to-list";
    }
  }

  async renew(
    pieces: PoolPieces,
    keyId: KeyId,
    { id, ttlMs }: LeaseDraft,
    seen: LeaseList = "",
  ): Promise<Renewal> {
    const args = [nameOf(keyId, id), String(ttlMs), seen];
    const reply = await this.#scripts.run(RENEW_LEASE, pieces.allKeys, args);
    if (reply.startsWith("o")) return otherList(reply);
    if (reply === "-") return { status: "gone" };
    const [until, list = ""] = reply.slice(1).split(" ");
    return { status: "renewed", lease: { id, keyId, until: Number(until) }, list };
  }

  async release(pieces: PoolPieces, keyId: KeyId, id: LeaseId, seen: LeaseList = ""): Promise<Release> {
    const args = [nameOf(keyId, id), memberName(keyId), seen];
    const reply = await this.#scripts.run(END_LEASE, pieces.allKeys, args);
    if (reply.startsWith("o")) return otherList(reply);
    return reply === "-" ? { status: "gone" } : { status: "returned", hadNoRoom: reply === "f" };
  }

  async restore(pieces: PoolPieces, leases: readonly Lease[]): Promise<LeaseList> {
    let list = "";
    let start = 0;
    do {
      const args = [String(this.#retentionMs)];
      for (const { keyId, id, until } of leases.slice(start, start + CHUNK)) {
        args.push(nameOf(keyId, id), memberName(keyId), String(until));
      }
      list = await this.#scripts.run(RESTORE_LEASES, pieces.allKeys, args);
      start += CHUNK;
    } while (start < leases.length);
    return list;
  }

  async carryOff(
    pieces: PoolPieces,
    { id: keyId, placement }: Pick<Member, "id" | "placement">,
    id: LeaseId,
  ): Promise<boolean> {
    const args = [nameOf(keyId, id), memberName(keyId), String(placement)];
    return (await this.#scripts.run(CARRY_OFF_LEASE, pieces.allKeys, args)) === "1";
  }

  async keep(pieces: PoolPieces, leases: readonly Lease[], list: LeaseList): Promise<Keeping> {
    const [ended, carriedOff]: [LeaseId[], LeaseId[]] = [[], []];
    let start = 0;
    do {
      const chunk = leases.slice(start, start + CHUNK);
      const args = [list];
      for (const { keyId, id, until } of chunk) args.push(nameOf(keyId, id), String(until));
      const reply = await this.#scripts.run(KEEP_LEASES, pieces.allKeys, args);
      if (reply.startsWith("o")) return otherList(reply);
      for (const [index, { id }] of chunk.entries()) {
        if (reply[index + 1] === "-") ended.push(id);
        else if (reply[index + 1] === "c") carriedOff.push(id);
      }
      start += CHUNK;
    } while (start < leases.length);
    return { status: "kept", ended, carriedOff };
  }

  async listOf(pieces: PoolPieces): Promise<LeaseList | undefined> {
    return (await this.#scripts.run(READ_LIST, pieces.allKeys, [])) || undefined;
  }

  async count(pieces: PoolPieces, members: readonly Member[]): Promise<readonly number[]> {
    const names = members.map(({ id }) => memberName(id));
    for (;;) {
      const reply = await this.#scripts.run(COUNT_LEASES, pieces.allKeys, names);
      if (reply !== "m") return reply.split(" ").map(Number);
    }
  }
}

/** The leases of a key, as scripts are given those that come along. */
export function leaseText(leases: readonly Lease[]): string {
  return leases.map(({ keyId, id, until }) => `${nameOf(keyId, id)} ${until} `).join("");
}

/** The leases of a key as scripts answer them: their names and deadlines. */
export function parseLeases(keyId: KeyId, words: readonly string[]): readonly Lease[] {
  const start = nameOf(keyId, "").length;
  const leases: Lease[] = [];
  for (let i = 0; i < words.length; i += 2) {
    leases.push({ id: (words[i] ?? "").slice(start), keyId, until: Number(words[i + 1]) });
  }
  return leases;
}

function nameOf(keyId: KeyId, id: LeaseId): string {
  return `${memberName(keyId)}.${id}`;
}

function otherList(reply: string): OtherList {
  return { status: "other-list", list: reply.slice(1) };
}
