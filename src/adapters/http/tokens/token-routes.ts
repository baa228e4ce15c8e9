import { z } from "zod";
import type { Access } from "../../../application/index.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { BODY, STORAGE } from "../server/failure-codes.ts";
import { askerOf, callerOf } from "../server/guard.ts";
import { type Route, route } from "../server/route.ts";
import { presentNewToken, presentSelf, presentToken } from "./token-answers.ts";
import { listedToken, newToken, newTokenBody, revokedToken, self } from "./token-schemas.ts";

const base = `${BASE}/tokens`;
const tag = "Tokens";

/** Who may come in. */
export function tokenRoutes(access: Access): readonly Route[] {
  const create = route({
    method: "POST",
    path: base,
    tag,
    summary: "Make a token",
    description: "Shown this once. The first one closes the door: from then on each caller needs one.",
    role: "admin",
    global: true,
    body: newTokenBody,
    example: { name: "Dashboard", role: "viewer", scope: { regions: ["eastasia"] } },
    answers: { 201: { description: "The token", schema: success(newToken) } },
    failures: BODY,
    async handler(ctx, { body }) {
      succeed(
        ctx,
        presentNewToken(await access.create(body, askerOf(ctx))),
        "Token created successfully",
        201,
      );
    },
  });

  const list = route({
    method: "GET",
    path: base,
    tag,
    summary: "List tokens, without what their holders send",
    description: "Those that have expired as well. A token that was revoked is gone.",
    role: "admin",
    global: true,
    answers: { 200: { description: "The tokens by creation", schema: success(z.array(listedToken)) } },
    failures: STORAGE,
    async handler(ctx) {
      succeed(ctx, (await access.list()).map(presentToken), "Tokens retrieved successfully");
    },
  });

  const readSelf = route({
    method: "GET",
    path: `${base}/self`,
    tag,
    summary: "See who you are here",
    description:
      "For programs that adapt to what they may do. While no token exists, the caller is the open door.",
    role: "any role",
    answers: { 200: { description: "Name, role, scope and expiry", schema: success(self) } },
    failures: [],
    handler(ctx) {
      succeed(ctx, presentSelf(callerOf(ctx)), "Token retrieved successfully");
    },
  });

  const revoke = route({
    method: "DELETE",
    path: `${base}/:id`,
    tag,
    summary: "Revoke a token",
    description:
      "Refused at once here; by other instances within a second, or when they next read the database.",
    role: "admin",
    global: true,
    key: "The token's id, the part between akp_ and the next _",
    keyExample: "3f9a1c07d2b4",
    answers: { 200: { description: "Which one is refused from now on", schema: success(revokedToken) } },
    failures: ["token_not_found", ...BODY],
    async handler(ctx) {
      const { id = "" } = ctx.params ?? {};
      await access.revoke(id, askerOf(ctx));
      succeed(ctx, { id }, "Token revoked successfully");
    },
  });

  return [create, list, readSelf, revoke];
}
