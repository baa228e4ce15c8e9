import type { Next } from "koa";
import type { Guard } from "./guard.ts";
import { hangUpOf } from "./hang-up.ts";
import { type RequestContext, rawPath } from "./request-context.ts";
import type { Route } from "./route.ts";
import { ANY_ROLE } from "./router.ts";
import { StartsInTurn } from "./turns.ts";

const MOST_IN_A_TURN = 2;

/**
 * Lets requests with a good token go on at once, ahead of all others, of which so few go on in one turn of the event
 * loop: however many strangers there are, a good caller waits for no more than these. What is for nobody without a token
 * is refused here, before its route is looked for.
 */
export function strangersInTurn(guard: Guard, mayBeForAnyone: (target: string) => boolean) {
  const line = new Line();
  const answer = async (ctx: RequestContext, next: Next): Promise<unknown> => {
    if (!line.hasTurn()) await line.wait(hangUpOf(ctx));
    const { url = "" } = ctx.req;
    if (!mayBeForAnyone(url)) guard.admit(ctx, ANY_ROLE);
    return next();
  };
  return (ctx: RequestContext, next: Next) => (guard.knows(ctx) ? next() : answer(ctx, next));
}

/** Whether a target may be of a route for anyone, or is to be refused for what it is. */
export function forAnyone(routes: readonly Route[]): (target: string) => boolean {
  const paths = routes.filter(({ role }) => role === "anyone").map(({ path }) => path);
  const whole = new Set(paths);
  const beginnings = paths
    .filter((path) => path.includes("/:"))
    .map((path) => path.slice(0, path.indexOf("/:") + 1));
  return (target) =>
    !target.startsWith("/") ||
    /[#%]/.test(target) ||
    whole.has(rawPath(target)) ||
    beginnings.some((beginning) => target.startsWith(beginning));
}

/** Who comes first goes first. */
class Line {
  readonly #waiting = new Set<() => void>();
  readonly #starts = new StartsInTurn(MOST_IN_A_TURN);

  /** Whether somebody may go on at once; then he has. */
  hasTurn(): boolean {
    return this.#waiting.size === 0 && this.#starts.take();
  }

  /** Rejects with the signal's reason once that is aborted. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      if (this.#waiting.size === 0) setImmediate(this.#letIn);
      this.#waiting.add(enter);
    });
  }

  readonly #letIn = (): void => {
    for (const enter of this.#waiting) {
      if (!this.#starts.take()) break;
      this.#waiting.delete(enter);
      enter();
    }
    if (this.#waiting.size > 0) setImmediate(this.#letIn);
  };
}
