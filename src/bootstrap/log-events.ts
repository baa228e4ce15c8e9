import type { Logger } from "pino";
import type { PoolEvent } from "../application/index.ts";

/** Writes what happens in the pool to the log: changes at `info`, what a person should look into at `warn`. */
export function logEvents(logger: Logger): (event: PoolEvent) => void {
  /** Message of the last fault of each job that does not work now; the same fault is not logged again. */
  const failing = new Map<string, string>();
  return (event) => {
    switch (event.kind) {
      case "key-changed": {
        if (!event.entry) return;
        const { action, service, region, keyName, statusCode, actor } = event.entry;
        const code = statusCode === null ? {} : { code: statusCode };
        logger.info(
          { action, keyId: event.id, service, region, name: keyName, ...code, actor },
          "key changed",
        );
        return;
      }
      case "audited": {
        const { sequence, code, act, actor, subject, failure, requestId } = event.row;
        logger.info({ sequence, code, act, actor: actor.id, subject, failure, requestId }, "audited");
        return;
      }
      case "token-disables": {
        const { token, disables } = event;
        logger.warn(
          { token, disables },
          "a client's token would disable more keys than it may, look into it",
        );
        return;
      }
      case "store-corrected":
        logger.warn({ keyId: event.id }, "the cooldown store held a standing that nobody wrote, mended it");
        return;
      case "clock-stepped":
        logger.warn({ byMs: event.byMs }, "the clock was set");
        return;
      case "job-done":
        if (failing.delete(event.job)) logger.info({ job: event.job }, "background job works again");
        if (event.job === "re-check keys" && event.result) {
          logger.info({ keys: event.result }, "re-checked keys work again");
        } else if (event.job.startsWith("clean up") && event.result) {
          logger.info({ rows: event.result }, "log rows removed");
        } else if (event.job === "cut overlong rests" && event.result) {
          logger.warn({ keys: event.result }, "a wrong clock had made rests too long, cut them");
        }
        return;
      case "job-failed": {
        const reason = event.error instanceof Error ? event.error.message : String(event.error);
        if (failing.get(event.job) === reason) return;
        failing.set(event.job, reason);
        logger.warn({ job: event.job, err: event.error }, "background job failed");
      }
    }
  };
}
