import type { KeyPool } from "../../application/index.ts";
import { succeed } from "./answers.ts";
import { presentCleanup } from "./present-cleanup.ts";
import { readJson } from "./read-body.ts";
import type { Handler, Routes } from "./request-context.ts";

export function systemRoutes(base: string, { cleanUpLogs }: KeyPool): Routes {
  const read: Handler = (ctx) => {
    succeed(ctx, presentCleanup(cleanUpLogs.status), "Cleanup status retrieved successfully");
  };

  const cleanUp: Handler = async (ctx) => {
    await readJson(ctx);
    const rows_removed = await cleanUpLogs.execute();
    const data = { ...presentCleanup(cleanUpLogs.status), rows_removed };
    succeed(ctx, data, "Logs cleaned up successfully");
  };

  return { [`${base}/cleanup`]: { GET: read, POST: cleanUp } };
}
