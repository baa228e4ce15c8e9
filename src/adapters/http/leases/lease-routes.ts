import type { KeyLease, KeyPool } from "../../../application/index.ts";
import { presentCooling, presentHandOut, presentOutcome } from "../keys/key-answers.ts";
import { coolingPool, reportOutcome } from "../keys/key-schemas.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { BODY } from "../server/failure-codes.ts";
import { actorOf, clientOf, scopeOf } from "../server/guard.ts";
import { hangUpOf } from "../server/hang-up.ts";
import type { RequestContext } from "../server/request-context.ts";
import { type Route, type RouteContract, route } from "../server/route.ts";
import { succeedHot, succeedTogether } from "../server/succeed-hot.ts";
import { presentLease } from "./lease-answers.ts";
import { givenLease, leaseBody, releaseBody, renewalBody, runningLease } from "./lease-schemas.ts";

type Leases = NonNullable<KeyPool["leases"]>;

const base = `${BASE}/leases`;
const LEASE = {
  tag: "Leases",
  role: "client",
  key: "The `lease_id` that came with the lease",
  keyExample: "17.Vf0J3mX2pQd8sT5wZc1a7g",
  hot: true,
  logged: "seldom",
} satisfies Partial<RouteContract>;

/** Keys for a time, of both services. */
export function leaseRoutes(leases: Leases): readonly Route[] {
  const lease = route({
    ...{ tag: LEASE.tag, role: LEASE.role, hot: LEASE.hot, logged: LEASE.logged },
    method: "POST",
    path: base,
    summary: "Lease a key",
    description:
      "A key that counts as in use until it is released or `expires_at`. Never more leases of a key run than its `max_in_flight`; plain hand-outs neither count nor heed it.\n\nIf all keys are at their limit, or rest, the answer comes after up to `wait_ms`; who waits longest goes first. Counts as a hand-out in statistics and budgets.",
    body: leaseBody,
    repeats: true,
    example: { region: "eastasia", ttl_seconds: 60 },
    answers: {
      201: { description: "The key, and until when it is leased", schema: success(givenLease) },
      503: {
        description: "All keys of the pool are at their limit, or rest",
        schema: failure(["all_keys_busy", "all_keys_cooling"], coolingPool),
        headers: {
          "Retry-After": "Whole seconds until the first lease has run out, or the first key returns",
        },
      },
    },
    failures: ["no_key", "budget_exhausted", ...BODY],
    async handler(ctx, { body }) {
      const leased = await leases.lease.execute(body, scopeOf(ctx), clientOf(ctx), hangUpOf(ctx));
      if (leased.status !== "leased") {
        refuse(ctx, leased, body.pool.tag !== undefined);
        return;
      }
      const { key, lease } = leased;
      if (body.waitMs)
        await stillMay(ctx, () => leases.release.execute({ lease: presentLease(lease).lease_id }));
      succeedTogether(
        ctx,
        { ...presentLease(lease), key: presentHandOut(key) },
        "Key leased successfully",
        201,
      );
    },
  });

  const renew = route({
    ...LEASE,
    method: "POST",
    path: `${base}/:id/renew`,
    summary: "Renew a lease",
    description:
      "It lasts for `ttl_seconds` from now on, also where its key has been moved, disabled or rests by now.",
    body: renewalBody,
    example: { ttl_seconds: 60 },
    answers: { 200: { description: "Until when it lasts now", schema: success(runningLease) } },
    failures: ["lease_not_found", "budget_exhausted", ...BODY],
    async handler(ctx, { body }) {
      const request = { lease: leaseParameter(ctx), ttlSeconds: body.ttl_seconds };
      const renewed = await leases.renew.execute(request, scopeOf(ctx), clientOf(ctx));
      succeedHot(ctx, presentLease(renewed), "Lease renewed successfully");
    },
  });

  const release = route({
    ...LEASE,
    method: "POST",
    path: `${base}/:id/release`,
    summary: "Release a lease, and report the code its key got",
    description:
      "With a `code` it is a report as well, and answered like one; without, `data` is null.\n\nA lease that has ended before, released or run out, is answered with 200 and null: nothing has changed, and a code is not taken in. The same goes for a key outside of the token's scope. That a lease has run out says nothing of its key.\n\nWhere the report is refused the lease runs on as it was, and after a 503 for a minute.",
    body: releaseBody,
    example: { code: 200 },
    answers: {
      200: { description: "What the code did, or null", schema: success(reportOutcome.nullable()) },
    },
    failures: ["lease_not_found", "key_not_found", "budget_exhausted", ...BODY],
    async handler(ctx, { body }) {
      const request = { ...body, lease: leaseParameter(ctx), actor: actorOf(ctx) };
      const { status, ...done } = await leases.release.execute(request, scopeOf(ctx), clientOf(ctx));
      const outcome = "report" in done && done.report ? presentOutcome(done.report) : null;
      const message = status === "gone" ? "Lease had ended before" : "Lease released successfully";
      succeedHot(ctx, outcome, message);
    },
  });

  return [lease, renew, release];
}

function leaseParameter({ params }: RequestContext): string {
  return params?.id ?? "";
}

function refuse(ctx: RequestContext, none: Exclude<KeyLease, { status: "leased" }>, byTag: boolean): void {
  if (none.status === "no-key") {
    const hasKeys = none.poolSize > 0 && !byTag;
    fail(ctx, "no_key", hasKeys ? "All keys of this pool are disabled" : "No key in this pool");
    return;
  }
  const data = presentCooling(Math.max(none.until, none.at + 1), none.at);
  const isBusy = none.status === "all-busy";
  const words = isBusy
    ? "All keys of this pool are at their limit"
    : "All keys of this pool are cooling down";
  const headers = { "Retry-After": String(data.retryAfterSeconds) };
  fail(ctx, isBusy ? "all_keys_busy" : "all_keys_cooling", words, { headers, data });
}

/** Waiting takes time: who may no longer have the key does not get it. */
async function stillMay(ctx: RequestContext, giveBack: () => Promise<unknown>): Promise<void> {
  try {
    ctx.state.recheck?.();
  } catch (error) {
    await giveBack();
    throw error;
  }
}
