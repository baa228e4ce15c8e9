import type {
  Arrival,
  CooldownStore,
  Dropped,
  Held,
  Keeping,
  Lease,
  LeaseDraft,
  LeaseId,
  LeaseList,
  LeaseStore,
  LeaseTurn,
  Member,
  Pool,
  Release,
  Renewal,
  RotationStrategy,
  Seat,
  Service,
  Standing,
  Turn,
  WholePool,
} from "../../domain/index.ts";
import { memberName, parseMemberName, tagText } from "./member-name.ts";
import { parseNoTurn } from "./no-turn.ts";
import { checkPrefix, DEFAULT_PREFIX, PoolPieces } from "./pool-pieces.ts";
import { LEASE_SCRIPTS, leaseText, parseLeases, RedisLeases } from "./redis-leases.ts";
import {
  DROP_SEAT,
  FOLLOW_SEATS,
  LEAVE_QUEUES,
  LEAVE_TAG,
  MARK_LOADED,
  PUT_SEATS,
  READ_STANDING,
  REPLACE_STANDING,
} from "./scripts/change-seats.ts";
import { type ScriptClient, ScriptRunner } from "./scripts/script-runner.ts";
import { TAKE_TAG_TURN, TAKE_TURN } from "./scripts/take-turn.ts";
import { parseStanding, standingText } from "./standing-text.ts";

export interface RedisCooldownStoreOptions {
  /** What the names of all keys begin with; no braces, no white space. Default `azure-key-pool:`. */
  readonly prefix?: string;
  /** How long an unused pool is kept, in milliseconds. Default 40 days, longer than any cooldown. */
  readonly retentionMs?: number;
  /**
   * How long the instances have to restore their leases after all were lost, in milliseconds; until then keys with a
   * limit are not leased. Also when a pool is first filled. Default 3 s.
   */
  readonly settleMs?: number;
}

const DAY_MS = 86_400_000;
/** Seats of one script call; Redis runs nothing else meanwhile. */
const CHUNK = 200;

const SCRIPTS = [
  ...LEASE_SCRIPTS,
  TAKE_TURN,
  TAKE_TAG_TURN,
  READ_STANDING,
  REPLACE_STANDING,
  PUT_SEATS,
  FOLLOW_SEATS,
  MARK_LOADED,
  LEAVE_QUEUES,
  LEAVE_TAG,
  DROP_SEAT,
];

/** The cooldown store that instances share, in Redis or Valkey. The client is live and stays its owner's. */
export class RedisCooldownStore implements CooldownStore, LeaseStore {
  readonly #scripts: ScriptRunner;
  readonly #leases: RedisLeases;
  readonly #prefix: string;
  readonly #retentionMs: number;
  readonly #known: Readonly<Record<Service, Map<string, PoolPieces>>> = {
    speech: new Map(),
    translation: new Map(),
  };

  constructor(client: ScriptClient, options: RedisCooldownStoreOptions = {}) {
    const { prefix = DEFAULT_PREFIX, retentionMs = 40 * DAY_MS, settleMs = 3_000 } = options;
    if (!(Number.isSafeInteger(retentionMs) && retentionMs > 0)) {
      throw new RangeError("retentionMs must be a whole number of milliseconds above 0");
    }
    this.#scripts = new ScriptRunner(client, SCRIPTS);
    this.#prefix = checkPrefix(prefix);
    this.#retentionMs = retentionMs;
    this.#leases = new RedisLeases({ scripts: this.#scripts, retentionMs, settleMs });
  }

  async take(pool: Pool, rotation: RotationStrategy): Promise<Turn> {
    const { tag } = pool;
    const pieces = this.#pieces(pool);
    const isDue = pieces.isRetentionDue;
    const args = isDue ? [rotation, String(this.#retentionMs)] : [rotation];
    const keys = isDue ? pieces.allKeys : pieces.keys;
    const reply =
      tag === undefined
        ? await this.#scripts.run(TAKE_TURN, keys, args)
        : await this.#scripts.run(TAKE_TAG_TURN, keys, [tagText(tag), ...args]);
    const turn = parseTurn(reply);
    // Callers can ask for any region, so only pools that exist are remembered.
    if (turn.status !== "unloaded") {
      pieces.answered(turn.at, isDue ? this.#retentionMs : undefined);
      if (isDue) this.#remember(pool, pieces);
    }
    return turn;
  }

  async read(member: Member): Promise<Held> {
    const reply = await this.#scripts.run(READ_STANDING, this.#pieces(member).keys, [memberName(member.id)]);
    return parseHeld(reply)[0] as Held;
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    const standings = [standingText(expected), standingText(next)];
    const args = [memberName(member.id), ...standings, String(this.#retentionMs)];
    return (await this.#scripts.run(REPLACE_STANDING, this.#pieces(member).allKeys, args)) === "1";
  }

  async put(arrivals: readonly Arrival[]): Promise<void> {
    await Promise.all(byPool(arrivals).map((some) => this.#put(this.#remember(poolOf(some)), some, true)));
  }

  async follow(seats: readonly Seat[]): Promise<readonly Held[]> {
    const answers = new Map<Seat, Held>();
    await Promise.all(
      byPool(seats)
        .flatMap(inChunks)
        .map(async (chunk) => {
          const args = [String(this.#retentionMs)];
          for (const { member, standing } of chunk) args.push(memberName(member.id), standingText(standing));
          const reply = await this.#scripts.run(FOLLOW_SEATS, this.#pieces(poolOf(chunk)).allKeys, args);
          for (const [index, held] of parseHeld(reply).entries()) answers.set(chunk[index] as Seat, held);
        }),
    );
    return seats.map((seat) => answers.get(seat) as Held);
  }

  async leave(member: Member, from: "all" | "tag" = "all"): Promise<void> {
    const script = from === "all" ? LEAVE_QUEUES : LEAVE_TAG;
    await this.#scripts.run(script, this.#pieces(member).allKeys, [memberName(member.id)]);
  }

  async drop(member: Member): Promise<Dropped> {
    const args = [memberName(member.id), String(member.placement), String(this.#retentionMs)];
    const reply = await this.#scripts.run(DROP_SEAT, this.#pieces(member).allKeys, args);
    const [rank, ...leases] = reply.split(" ");
    return {
      standing: rank ? parseStanding(rank) : undefined,
      leases: parseLeases(member.id, leases),
    };
  }

  async load(pool: WholePool, read: () => AsyncIterable<readonly Seat[]>): Promise<void> {
    const pieces = this.#remember(pool);
    const retention = String(this.#retentionMs);
    // Without seats it creates missing pieces of the pool and answers their birth.
    const birth = await this.#scripts.run(PUT_SEATS, pieces.allKeys, ["0", retention]);
    for await (const seats of read()) await this.#put(pieces, seats, false);
    await this.#scripts.run(MARK_LOADED, pieces.allKeys, [birth, retention]);
  }

  /** The first lease of a pool is made in many pieces; `onPiece` is called after each. */
  async lease(
    pool: Pool,
    rotation: RotationStrategy,
    draft: LeaseDraft,
    seen?: LeaseList,
    onPiece: () => void = () => {},
  ): Promise<LeaseTurn> {
    const pieces = this.#pieces(pool);
    const turn = await this.#leases.take(pieces, { tag: pool.tag, rotation, draft, seen }, onPiece);
    if ("at" in turn) this.#remember(pool, pieces);
    return turn;
  }

  renew(member: Member, draft: LeaseDraft, seen?: LeaseList): Promise<Renewal> {
    return this.#leases.renew(this.#pieces(member), member.id, draft, seen);
  }

  release(member: Member, id: LeaseId, seen?: LeaseList): Promise<Release> {
    return this.#leases.release(this.#pieces(member), member.id, id, seen);
  }

  restore(pool: WholePool, leases: readonly Lease[]): Promise<LeaseList> {
    return this.#leases.restore(this.#pieces(pool), leases);
  }

  carryOff(member: Member, id: LeaseId): Promise<boolean> {
    return this.#leases.carryOff(this.#pieces(member), member, id);
  }

  keep(pool: WholePool, leases: readonly Lease[], list: LeaseList): Promise<Keeping> {
    return this.#leases.keep(this.#pieces(pool), leases, list);
  }

  listOf(pool: WholePool): Promise<LeaseList | undefined> {
    return this.#leases.listOf(this.#pieces(pool));
  }

  async countLeases(members: readonly Member[]): Promise<readonly number[]> {
    const [first] = members;
    return first ? this.#leases.count(this.#pieces(first), members) : [];
  }

  /** Sends all chunks at once, so that no later call of this process runs between them. */
  async #put(pieces: PoolPieces, arrivals: readonly Arrival[], rejoin: boolean): Promise<void> {
    await Promise.all(
      inChunks(arrivals).map((chunk) => {
        const args = [rejoin ? "1" : "0", String(this.#retentionMs)];
        for (const { member, standing, leases = [], hasLeft } of chunk) {
          args.push(memberName(member.id), standingText(standing), tagText(member.tag));
          args.push(String(member.placement), String(member.maxInFlight ?? ""), leaseText(leases));
          args.push(hasLeft ? "o" : "i");
        }
        return this.#scripts.run(PUT_SEATS, pieces.allKeys, args);
      }),
    );
  }

  #pieces({ service, region }: WholePool): PoolPieces {
    return this.#known[service].get(region) ?? new PoolPieces(this.#prefix, service, region);
  }

  #remember(pool: WholePool, pieces = this.#pieces(pool)): PoolPieces {
    this.#known[pool.service].set(pool.region, pieces);
    return pieces;
  }
}

function byPool<S extends Seat>(seats: readonly S[]): readonly (readonly S[])[] {
  if (seats.length === 1) return [seats];
  return [...Map.groupBy(seats, ({ member }) => `${member.service}:${member.region}`).values()];
}

/** The pool of the first seat; all seats must be of one pool. */
function poolOf([seat]: readonly Seat[]): WholePool {
  return (seat as Seat).member;
}

function inChunks<S extends Seat>(seats: readonly S[]): readonly (readonly S[])[] {
  const chunks: (readonly S[])[] = [];
  for (let start = 0; start < seats.length; start += CHUNK) chunks.push(seats.slice(start, start + CHUNK));
  return chunks;
}

/** An instant, then what is held of each key at that instant. */
function parseHeld(reply: string): readonly Held[] {
  const [at, ...answers] = reply.split(" ");
  return answers.map((answer): Held => {
    if (answer === "-") return { status: "missing" };
    if (answer === "?") return { status: "unloaded" };
    if (!answer.startsWith("o")) return { status: "held", standing: parseStanding(answer), at: Number(at) };
    return { status: "held", standing: parseStanding(answer.slice(1)), at: Number(at), hasLeft: true };
  });
}

function parseTurn(reply: string): Turn {
  if (reply.startsWith("t")) {
    const space = reply.indexOf(" ");
    const [id, at] = [parseMemberName(reply.slice(1, space)), Number(reply.slice(space + 1))];
    return { status: "taken", id, at };
  }
  return parseNoTurn(reply);
}
