import type { LeaseDraft, LeaseList, LeaseTurn, RotationStrategy } from "../../domain/index.ts";
import { parseMemberName, tagText } from "./member-name.ts";
import { parseNoTurn } from "./no-turn.ts";
import type { PoolPieces } from "./pool-pieces.ts";
import type { ScriptRunner } from "./scripts/script-runner.ts";
import { TAKE_LEASES } from "./scripts/take-lease.ts";

/** Leases of one script call; Redis runs nothing else meanwhile. */
const MOST = 100;

interface Options {
  readonly scripts: ScriptRunner;
  readonly retentionMs: number;
  readonly settleMs: number;
}

export interface LeaseAsked {
  readonly tag: string | undefined;
  readonly rotation: RotationStrategy;
  readonly draft: LeaseDraft;
  readonly seen: LeaseList | undefined;
}

/** What is answered of a batch: as many as got a lease, and why the others did not. */
interface Answered {
  readonly names: readonly string[];
  readonly list: LeaseList;
  /** 0 where it is not told. */
  readonly at: number;
  /** As the script says it; empty where all got one. */
  readonly none: string;
}

/** Turns of leases have to be listed first; or there is more to look at than one call may, and the next goes on. */
export type Unfinished = "to-list" | "to-go-on";

/** What all leases of a batch have in common. */
interface Batch extends Omit<LeaseAsked, "draft"> {
  readonly isListed: boolean;
  readonly drafts: LeaseDraft[];
}

interface OpenBatch extends Batch {
  readonly answer: Promise<Answered>;
}

/** Takes the leases together that one turn of the event loop asks of a pool: one call for them all costs little more than one. */
export class LeaseBatches {
  readonly #scripts: ScriptRunner;
  readonly #retentionMs: number;
  readonly #settleMs: number;
  /** Those that others may still join. */
  readonly #open = new Map<PoolPieces, OpenBatch>();

  constructor({ scripts, retentionMs, settleMs }: Options) {
    this.#scripts = scripts;
    this.#retentionMs = retentionMs;
    this.#settleMs = settleMs;
  }

  /** `isListed`: the turns of leases have just been listed. */
  async take(pieces: PoolPieces, asked: LeaseAsked, isListed: boolean): Promise<LeaseTurn | Unfinished> {
    const batch = this.#batchFor(pieces, asked, isListed);
    const index = batch.drafts.push(asked.draft) - 1;
    return turnOf(await batch.answer, asked.draft, index);
  }

  #batchFor(pieces: PoolPieces, { tag, rotation, seen }: LeaseAsked, isListed: boolean): OpenBatch {
    const open = this.#open.get(pieces);
    const isAlike = open?.tag === tag && open?.rotation === rotation && open.seen === seen;
    if (open && isAlike && open.isListed === isListed && open.drafts.length < MOST) return open;
    const batch = { tag, rotation, seen, isListed, drafts: [] };
    const opened = { ...batch, answer: this.#send(pieces, batch) };
    this.#open.set(pieces, opened);
    return opened;
  }

  async #send(pieces: PoolPieces, batch: Batch): Promise<Answered> {
    let retentionMs: number | undefined;
    const reply = await this.#scripts.runLater(TAKE_LEASES, pieces.allKeys, () => {
      if (this.#open.get(pieces)?.drafts === batch.drafts) this.#open.delete(pieces);
      if (pieces.isRetentionDue) retentionMs = this.#retentionMs;
      return this.#argumentsOf(batch, retentionMs);
    });
    const answered = parseAnswer(reply);
    if (answered.at > 0) pieces.answered(answered.at, retentionMs);
    return answered;
  }

  #argumentsOf(
    { tag, rotation, seen = "", isListed, drafts }: Batch,
    retentionMs: number | undefined,
  ): string[] {
    const common = `${rotation} ${this.#settleMs} ${isListed ? 1 : 0} ${seen} `;
    const each = drafts.map(({ id, ttlMs }) => `${id} ${ttlMs} `).join("");
    return [tagText(tag ?? null), common, String(retentionMs ?? ""), each];
  }
}

function parseAnswer(reply: string): Answered {
  if (!reply.startsWith("t")) return { names: [], list: "", at: instantOf(reply), none: reply };
  const [taken = "", none = ""] = reply.split("\n");
  const [at, list = "", ...names] = taken.slice(1).split(" ");
  return { names, list, at: Number(at), none };
}

function instantOf(none: string): number {
  const space = none.indexOf(" ");
  return space < 0 ? 0 : Number(none.slice(space + 1));
}

function turnOf(
  { names, list, at, none }: Answered,
  { id, ttlMs }: LeaseDraft,
  index: number,
): LeaseTurn | Unfinished {
  const name = names[index];
  if (name !== undefined) {
    return { status: "taken", lease: { id, keyId: parseMemberName(name), until: at + ttlMs }, list, at };
  }
  if (none === "x") return "to-list";
  if (none === "m") return "to-go-on";
  if (none.startsWith("o")) return { status: "other-list", list: none.slice(1) };
  if (!none.startsWith("b")) return parseNoTurn(none);
  const [until, busyAt] = none.slice(1).split(" ");
  return { status: "all-busy", until: Number(until), at: Number(busyAt) };
}
