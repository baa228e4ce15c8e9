import { PrivatePostgres, UNUSED_DATA } from "./postgres-server.ts";

/** One PostgreSQL for the tests of a run that need none of their own. Where there is none, they say so themselves. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.POSTGRES_URL !== undefined) return undefined;
  const found = await PrivatePostgres.start([], { keepsUnused: true });
  if ("missing" in found) return undefined;
  const { server } = found;
  // The workers take their environment from this process.
  process.env.POSTGRES_URL = server.url;
  process.env[UNUSED_DATA] = server.unusedDataFolder;
  return async () => {
    delete process.env.POSTGRES_URL;
    delete process.env[UNUSED_DATA];
    await server.stop();
  };
}
