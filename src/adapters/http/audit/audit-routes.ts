import type { KeyPool } from "../../../application/index.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { STORAGE } from "../server/failure-codes.ts";
import { pageOf, presentPage, windowOf } from "../server/paging.ts";
import { type Route, route } from "../server/route.ts";
import { presentAct } from "./audit-answers.ts";
import { auditPage, auditQuery } from "./audit-schemas.ts";

/** What people did. */
export function auditRoutes(audit: NonNullable<KeyPool["audit"]>): readonly Route[] {
  const list = route({
    method: "GET",
    path: `${BASE}/audit`,
    tag: "Audit",
    summary: "List what people did, the last first",
    description: "Page 1 of 50 rows by default. Each row was written before the act was done.",
    role: "viewer",
    global: true,
    query: auditQuery,
    answers: { 200: { description: "A page of the audit", schema: success(auditPage) } },
    failures: STORAGE,
    async handler(ctx, { query: { page, limit, ...query } }) {
      const asked = pageOf(page, limit);
      const { entries, total } = await audit.list({ ...query, ...windowOf(asked) });
      const data = { acts: entries.map(presentAct), ...presentPage(total, asked) };
      succeed(ctx, data, "Audit retrieved successfully");
    },
  });
  return [list];
}
