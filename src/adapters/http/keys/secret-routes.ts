import type { KeyPool } from "../../../application/index.ts";
import type { Service } from "../../../domain/index.ts";
import { success } from "../server/answer-schemas.ts";
import { sendFile, succeed } from "../server/answers.ts";
import { BODY, STORAGE } from "../server/failure-codes.ts";
import { askerOf, scopeOf } from "../server/guard.ts";
import { keyParameter } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import { readReference } from "./key-schemas.ts";
import { KEY, KEYS_PATH, KEYS_TAG } from "./keys-path.ts";
import { fullList, type ListPlaces } from "./list-places.ts";
import { type ExportInPieces, presentExported, presentRevealed } from "./secret-answers.ts";
import { exportFile, revealBody, revealedKey } from "./secret-schemas.ts";

/** What tells secrets: only to an admin who shows a token, and only once that is written down. */
export function secretRoutes(
  service: Service,
  { revealKey, exportKeys }: Pick<KeyPool, "revealKey" | "exportKeys">,
  { fullLists }: ListPlaces,
): readonly Route[] {
  if (revealKey === undefined || exportKeys === undefined) return [];
  const shared = { tag: KEYS_TAG[service], role: "admin", needsToken: true } as const;

  const reveal = route({
    ...shared,
    method: "POST",
    path: `${KEYS_PATH[service]}/:key/reveal`,
    summary: "See a key's secret",
    description: "Needs a token even where the door is open. Ten in a minute for each token.",
    key: KEY,
    body: revealBody,
    example: { reason: "Moving it to another vault" },
    answers: { 200: { description: "The key with its secret", schema: success(revealedKey) } },
    failures: ["token_required", "key_not_found", "budget_exhausted", ...BODY],
    async handler(ctx, { body: { reason } }) {
      const reference = readReference(keyParameter(ctx));
      const [scope, asker] = [scopeOf(ctx), askerOf(ctx)];
      const key = await revealKey.execute({ service, reference, reason, scope, asker });
      succeed(ctx, presentRevealed(key), "Key revealed successfully");
    },
  });

  const download = route({
    ...shared,
    method: "GET",
    path: `${KEYS_PATH[service]}/export`,
    summary: "Download all keys with their secrets",
    description:
      "Needs a token even where the door is open. A key that rests is exported as enabled. Ends when its caller hangs up.",
    answers: {
      200: {
        description: "A file that create-keys accepts as it is",
        schema: exportFile,
        headers: { "Content-Disposition": "The file's name" },
      },
    },
    failures: ["token_required", ...STORAGE],
    async handler(ctx) {
      // HEAD tells no secret.
      if (ctx.method === "HEAD") return sendFile(ctx, `${service}-keys.json`, { type: service, keys: [] });
      const all = await exportKeys.execute(service, scopeOf(ctx), askerOf(ctx));
      const keys = await fullList(ctx, fullLists, all.pages, presentExported);
      sendFile(ctx, `${service}-keys.json`, { type: service, keys } satisfies ExportInPieces);
    },
  });

  return [reveal, download];
}
