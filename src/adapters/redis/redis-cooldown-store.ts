import {
  type CooldownStore,
  type LoadToken,
  type Member,
  merge,
  type Pool,
  type RotationStrategy,
  type Seat,
  type Service,
  type Standing,
  sameStanding,
  type Turn,
} from "../../domain/index.ts";
import { memberName, parseMemberName, tagText } from "./member-name.ts";
import { checkPrefix, DEFAULT_PREFIX, PoolPieces } from "./pool-pieces.ts";
import {
  DROP_SEAT,
  LEAVE_QUEUES,
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
  /** How long a pool that nobody uses is kept, in milliseconds. Default 40 days, longer than any cooldown. */
  readonly retentionMs?: number;
}

const DAY_MS = 86_400_000;
/** How often within the retention a hand-out puts it off, so that most of them need not. */
const RETENTIONS = 40;
/** Seats of one script call; no call holds up the others' hand-outs for long. */
const CHUNK = 200;

const SCRIPTS = [
  TAKE_TURN,
  TAKE_TAG_TURN,
  READ_STANDING,
  REPLACE_STANDING,
  PUT_SEATS,
  MARK_LOADED,
  LEAVE_QUEUES,
  DROP_SEAT,
];

/** The cooldown store that instances share, in Redis or Valkey. The client is live and stays its owner's. */
export class RedisCooldownStore implements CooldownStore {
  readonly #scripts: ScriptRunner;
  readonly #prefix: string;
  readonly #retentionMs: number;
  readonly #known: Readonly<Record<Service, Map<string, PoolPieces>>> = {
    speech: new Map(),
    translation: new Map(),
  };

  constructor(client: ScriptClient, options: RedisCooldownStoreOptions = {}) {
    const { prefix = DEFAULT_PREFIX, retentionMs = 40 * DAY_MS } = options;
    if (!(Number.isSafeInteger(retentionMs) && retentionMs > 0)) {
      throw new RangeError("retentionMs must be a whole number of milliseconds above 0");
    }
    this.#scripts = new ScriptRunner(client, SCRIPTS);
    this.#prefix = checkPrefix(prefix);
    this.#retentionMs = retentionMs;
  }

  async take(pool: Pool, rotation: RotationStrategy): Promise<Turn> {
    const { service, region, tag } = pool;
    const pieces = this.#pieces(service, region);
    const args = pieces.at < pieces.retainAt ? [rotation] : [rotation, String(this.#retentionMs)];
    const reply =
      tag === undefined
        ? await this.#scripts.run(TAKE_TURN, pieces.keys, args)
        : await this.#scripts.run(TAKE_TAG_TURN, pieces.keys, [tagText(tag), ...args]);
    const turn = parseTurn(reply);
    // Anyone can ask for pools that do not exist, so only those that do are remembered.
    if (turn.status !== "unloaded") {
      pieces.at = turn.at;
      if (args.length > 1) {
        pieces.retainAt = turn.at + this.#retentionMs / RETENTIONS;
        this.#remember(service, region, pieces);
      }
    }
    return turn;
  }

  async read(member: Member): Promise<{ readonly standing: Standing; readonly at: number } | undefined> {
    const { keys } = this.#pieces(member.service, member.region);
    const reply = await this.#scripts.run(READ_STANDING, keys, [memberName(member.id)]);
    if (reply === "") return undefined;
    const space = reply.indexOf(" ");
    return { standing: parseStanding(reply.slice(space + 1)), at: Number(reply.slice(0, space)) };
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    const { keys } = this.#pieces(member.service, member.region);
    const standings = [standingText(expected), standingText(next)];
    const args = [memberName(member.id), ...standings, String(this.#retentionMs)];
    return (await this.#scripts.run(REPLACE_STANDING, keys, args)) === "1";
  }

  async follow(seats: readonly Seat[]): Promise<readonly Member[]> {
    const followed = await Promise.all(seats.map((seat) => this.#follow(seat)));
    return seats.filter((_, index) => !followed[index]).map(({ member }) => member);
  }

  /** False when the key is not held there. */
  async #follow({ member, standing }: Seat): Promise<boolean> {
    for (;;) {
      const held = await this.read(member);
      if (!held) return false;
      const merged = merge(held.standing, standing);
      if (sameStanding(merged, held.standing)) return true;
      if (await this.replace(member, held.standing, merged)) return true;
    }
  }

  async put(seats: readonly Seat[]): Promise<void> {
    const pools = Map.groupBy(seats, ({ member }) => `${member.service}:${member.region}`);
    await Promise.all(
      [...pools.values()].map(async (seats) => {
        const { service, region } = (seats[0] as Seat).member;
        const pieces = this.#remember(service, region);
        const birth = await this.#seat(pieces, seats, true);
        pieces.birth = pieces.birth === undefined || pieces.birth === birth ? birth : null;
      }),
    );
  }

  async leave(member: Member): Promise<void> {
    await this.#scripts.run(LEAVE_QUEUES, this.#pieces(member.service, member.region).keys, [
      memberName(member.id),
    ]);
  }

  async drop(member: Member): Promise<Standing | undefined> {
    const rank = await this.#scripts.run(DROP_SEAT, this.#pieces(member.service, member.region).keys, [
      memberName(member.id),
    ]);
    return rank === "" ? undefined : parseStanding(rank);
  }

  /** Answers the birth of the pool, which it makes if need be. */
  startLoad(service: Service, region: string): Promise<LoadToken> {
    const { keys } = this.#pieces(service, region);
    return this.#scripts.run(PUT_SEATS, keys, ["0", String(this.#retentionMs)]);
  }

  async load(service: Service, region: string, seats: readonly Seat[], token?: LoadToken): Promise<void> {
    const pieces = this.#remember(service, region);
    // Without seats and token this is the end of a filling by puts.
    const birth = seats.length > 0 ? await this.#seat(pieces, seats, false) : (token ?? pieces.birth);
    pieces.birth = undefined;
    // What was put, or read, has been lost halfway: the pool stays unknown, and whoever takes next loads it again.
    if (birth === null || (token !== undefined && birth !== token)) return;
    await this.#scripts.run(MARK_LOADED, pieces.keys, [birth ?? "", String(this.#retentionMs)]);
  }

  /** Answers the birth of the pool that took in the seats; null if it was born again meanwhile. */
  async #seat(pieces: PoolPieces, seats: readonly Seat[], rejoin: boolean): Promise<string | null> {
    const calls: Promise<string>[] = [];
    // All at once, so that no later call of this process comes between them.
    for (let start = 0; start < seats.length; start += CHUNK) {
      const args = [rejoin ? "1" : "0", String(this.#retentionMs)];
      for (const { member, standing } of seats.slice(start, start + CHUNK)) {
        args.push(memberName(member.id), standingText(standing), tagText(member.tag));
      }
      calls.push(this.#scripts.run(PUT_SEATS, pieces.keys, args));
    }
    const births = new Set(await Promise.all(calls));
    return births.size === 1 ? ([...births][0] as string) : null;
  }

  #pieces(service: Service, region: string): PoolPieces {
    return this.#known[service].get(region) ?? new PoolPieces(this.#prefix, service, region);
  }

  #remember(service: Service, region: string, pieces = this.#pieces(service, region)): PoolPieces {
    this.#known[service].set(region, pieces);
    return pieces;
  }
}

function parseTurn(reply: string): Turn {
  const space = reply.indexOf(" ");
  const at = Number(reply.slice(space + 1));
  switch (reply[0]) {
    case "t":
      return { status: "taken", id: parseMemberName(reply.slice(1, space)), at };
    case "c":
      return { status: "all-cooling", availableAt: Number(reply.slice(1, space)), at };
    case "e":
      return { status: "empty", at };
    default:
      return { status: "unloaded" };
  }
}
