import type { KeyId } from "../../domain/index.ts";

interface Line {
  last: Promise<unknown>;
  /** How many acts have changed something since the line began. */
  changes: number;
}

/** Lets those who change one key do so one after the other; different keys do not wait for each other. */
export class KeyTurns {
  readonly #lines = new Map<KeyId, Line>();

  /**
   * Runs `act` when those before it have ended; it answers undefined when it has changed nothing. It
   * learns whether one of those it waited for has changed something, so that what it rests on is out of date.
   */
  async inTurn<T>(id: KeyId, act: (isOvertaken: boolean) => Promise<T>): Promise<T> {
    const before = this.#lines.get(id);
    const line = before ?? { last: Promise.resolve(), changes: 0 };
    const changes = line.changes;
    const run = async () => {
      const answer = await act(line.changes !== changes);
      if (answer !== undefined) line.changes++;
      return answer;
    };
    const mine = before ? before.last.then(run, run) : run();
    line.last = mine;
    this.#lines.set(id, line);
    try {
      return await mine;
    } finally {
      if (line.last === mine) this.#lines.delete(id);
    }
  }
}
