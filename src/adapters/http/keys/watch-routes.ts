import type { KeyPool } from "../../../application/index.ts";
import { DEFAULT_REGION, type Service } from "../../../domain/index.ts";
import { STORAGE } from "../server/failure-codes.ts";
import { clientOf, scopeOf } from "../server/guard.ts";
import {
  describeStream,
  EVENT_STREAM,
  mayStill,
  OpenStreams,
  type StreamOptions,
} from "../server/open-streams.ts";
import { type Route, route } from "../server/route.ts";
import { poolOf } from "./key-schemas.ts";
import { KeyStream } from "./key-stream.ts";
import { KEYS_PATH, KEYS_TAG } from "./keys-path.ts";
import { watchMessage, watchQuery } from "./watch-schemas.ts";

const PLACES = { most: 5_000, mostOfOneToken: 4_000 };

const SAMPLES = { id: "1-1767225600000" };

/** Keys that are told as they change, instead of being asked for again and again. */
export function watchRoutes(pool: KeyPool, options?: StreamOptions): Readonly<Record<Service, Route>> {
  const streams = new OpenStreams(PLACES, options);
  return {
    speech: watchRoute("speech", pool, streams),
    translation: watchRoute("translation", pool, streams),
  };
}

function watchRoute(service: Service, pool: KeyPool, streams: OpenStreams): Route {
  return route({
    method: "GET",
    path: `${KEYS_PATH[service]}/watch`,
    tag: KEYS_TAG[service],
    summary: "Watch which key to use",
    description: descriptionFor(DEFAULT_REGION[service]),
    role: "client",
    query: watchQuery,
    answers: {
      200: {
        ...{ description: "A stream of such messages", schema: watchMessage, mediaType: EVENT_STREAM },
        samples: SAMPLES,
      },
    },
    failures: ["budget_exhausted", "busy", ...STORAGE],
    async handler(ctx, { query: { last_event_id, rotate_seconds, ...asked } }) {
      if (ctx.method === "HEAD") return describeStream(ctx);
      const watch = {
        ...poolOf(service, asked),
        after: ctx.get("Last-Event-ID") || last_event_id,
        rotateMs: rotate_seconds === undefined ? undefined : rotate_seconds * 1_000,
      };
      let close = () => {};
      try {
        await streams.serve(ctx, async () => {
          const keys = await pool.watchKey.execute(watch, scopeOf(ctx), clientOf(ctx));
          close = () => keys.close();
          return (res) => new KeyStream(res, keys, () => mayStill(ctx)).messages;
        });
      } finally {
        close();
      }
    },
  });
}

function descriptionFor(region: string): string {
  return `Tells a key of the region (default ${region}), with the tag if one is given, and another as soon as that one rests, is disabled, moved or deleted, as server-sent events. Each \`event: key\` is a hand-out and counts a use. \`event: none\` says that there is no key for now, and until when where that is known; a key comes by itself. \`event: end\` comes before the server closes the stream, and a comment every 15 seconds.

With \`Last-Event-ID\` the caller keeps the key that he had, at any instance, if it can still be used; no use is counted then. Who reads slowly is told the newest word and none before it.`;
}
