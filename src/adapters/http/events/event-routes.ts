import type { KeyPool } from "../../../application/index.ts";
import { BASE } from "../server/base-path.ts";
import { scopeOf } from "../server/guard.ts";
import { describeStream, EVENT_STREAM, type StreamOptions } from "../server/open-streams.ts";
import { type Route, route } from "../server/route.ts";
import { eventMessage, eventsQuery } from "./event-schemas.ts";
import { EventStreams } from "./event-streams.ts";

const DESCRIPTION = `What becomes true from now on, on all instances and in one order, as server-sent events; a hand-out is no event. \`service\` and \`region\` narrow events about keys. A token with a scope is told of the keys in it, and nothing of settings and tokens.

With \`Last-Event-ID\` it goes on behind that event, at any instance, if that is one of the last 10,000; otherwise, and for who is too slow, comes \`event: reset\`: read again what you show. \`event: end\` comes before the server closes the stream, and a comment every 15 seconds.`;

const SAMPLES = {
  action: "cooldown_start",
  status: "cooldown",
  cooldown_until: "2026-01-01T00:00:30.000Z",
  id: "1767225600000-1",
};

/** What happens, told as it does. */
export function eventRoutes(
  events: NonNullable<KeyPool["events"]>,
  options?: StreamOptions,
): readonly Route[] {
  const streams = new EventStreams(events, options);

  const watch = route({
    method: "GET",
    path: `${BASE}/events`,
    tag: "Events",
    summary: "Watch what happens",
    description: DESCRIPTION,
    role: "viewer",
    query: eventsQuery,
    answers: {
      200: {
        ...{ description: "A stream of such messages", schema: eventMessage, mediaType: EVENT_STREAM },
        samples: SAMPLES,
      },
    },
    failures: ["busy"],
    async handler(ctx, { query: { last_event_id, ...asked } }) {
      if (ctx.method === "HEAD") return describeStream(ctx);
      const after = ctx.get("Last-Event-ID") || last_event_id;
      await streams.serve(ctx, { filter: { ...asked, scope: scopeOf(ctx) }, after });
    },
  });

  return [watch];
}
