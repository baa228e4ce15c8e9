import { DOCS_PATH, OPENAPI_PATH } from "../docs/docs-routes.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { mountedAt } from "../server/mounted-at.ts";
import { prefersHtml } from "../server/prefers-html.ts";
import { type Route, type RouteContract, route } from "../server/route.ts";
import { HEALTH_PATH } from "./health-routes.ts";
import { sendPage, type WebFile } from "./page-routes.ts";
import type { Welcome } from "./system-answers.ts";
import { welcome } from "./system-schemas.ts";

/** For who comes to the address without a path. Browsers are given the page, or sent to the documentation. */
export function welcomeRoutes(version: string, page?: WebFile): readonly Route[] {
  const data: Welcome = {
    name: "Azure Key Pool",
    version,
    links: { docs: DOCS_PATH, openapi: OPENAPI_PATH, health: HEALTH_PATH },
  };
  const message = `The API is documented at ${DOCS_PATH}`;
  const contract = {
    method: "GET",
    tag: "System",
    role: "anyone",
    failures: [],
  } satisfies Partial<RouteContract>;
  const schema = success(welcome);

  const root = route({
    ...contract,
    path: "/",
    summary: "Find the documentation",
    description: page ? "A browser gets the dashboard." : "A browser is sent to the documentation.",
    answers: {
      200: { description: "What this is and where to read on", schema, page: page !== undefined },
      ...(page === undefined && {
        302: { description: "To the documentation", headers: { Location: "Where the documentation is" } },
      }),
    },
    handler(ctx) {
      ctx.vary("Accept");
      if (!prefersHtml(ctx)) return succeed(ctx, data, message);
      if (page === undefined) ctx.redirect(mountedAt(ctx) + DOCS_PATH);
      else sendPage(ctx, page);
    },
  });

  const base = route({
    ...contract,
    path: BASE,
    summary: "Find the documentation",
    description: "The same as at `/`, also for browsers.",
    answers: { 200: { description: "What this is and where to read on", schema } },
    handler(ctx) {
      succeed(ctx, data, message);
    },
  });

  return [root, base];
}
