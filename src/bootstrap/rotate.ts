import {
  DatabaseError,
  forgetOverwritten,
  openSession,
  parseDatabaseUrl,
  replaceEnvelope,
  resealSecrets,
  type SqlSession,
} from "../adapters/mikro-orm/index.ts";
import { SealingError } from "../adapters/sealing/index.ts";
import { ConfigError, readConfig } from "./config.ts";
import { readMasterKeySource } from "./master-key-source.ts";
import { type OpenSealing, openSealing } from "./open-sealing.ts";

const USAGE = `Exchanges the keys that secrets are sealed with. Stop every server on the database first.

  npm run rotate-master-key    wraps the keys in the database with the key of NEW_MASTER_KEY or NEW_MASTER_KEY_FILE;
                               with neither, and our own file, with a new one in its place
  npm run rotate-data-key      seals every secret with a new key; run again, it goes on where it was cut off

The database is that of DATABASE_URL, opened with MASTER_KEY, MASTER_KEY_FILE or our own file. After rotate-master-key
start the servers with the new key, and keep a copy of it. Exit codes: 0 done, 1 refused or failed, 2 wrong use.`;

type Environment = Readonly<Record<string, string | undefined>>;
type Act = (session: SqlSession, sealing: OpenSealing, environment: Environment) => Promise<string>;

const ACTS: Readonly<Record<string, Act>> = { "master-key": rotateMasterKey, "data-key": rotateDataKey };

process.exitCode = await run(process.argv.slice(2), process.env);

async function run([name = "", ...more]: readonly string[], environment: Environment): Promise<number> {
  const act = ACTS[name];
  if (act === undefined || more.length > 0) {
    console.error(USAGE);
    return 2;
  }
  let session: SqlSession | undefined;
  try {
    const { databaseUrl, masterKey } = readConfig(environment);
    const sealing = openSealing(masterKey, { info: console.error, warn: console.error });
    session = await openSession(parseDatabaseUrl(databaseUrl), sealing, { alone: true });
    console.log(await act(session, sealing, environment));
    return 0;
  } catch (error) {
    if (![ConfigError, DatabaseError, SealingError].some((kind) => error instanceof kind)) throw error;
    console.error((error as Error).message);
    return 1;
  } finally {
    await session?.close();
  }
}

async function rotateMasterKey(session: SqlSession, sealing: OpenSealing, environment: Environment) {
  const { NEW_MASTER_KEY, NEW_MASTER_KEY_FILE, ...rest } = environment;
  const problems: string[] = [];
  const given = { ...rest, MASTER_KEY: NEW_MASTER_KEY, MASTER_KEY_FILE: NEW_MASTER_KEY_FILE };
  const source = readMasterKeySource(given, problems);
  // Our own file can take the place of our own file only; who has given the key has to give the next one.
  if (
    source.kind === "own-file" &&
    readMasterKeySource(environment, []).kind !== "own-file" &&
    problems.length === 0
  )
    problems.push("MASTER_KEY or MASTER_KEY_FILE: must be set");
  if (problems.length > 0)
    throw new ConfigError(problems.map((problem) => problem.replaceAll("MASTER", "NEW_MASTER")));
  const { masterKey, takeOver } = sealing.otherMasterKey(source);
  // One row, so there is no state between the two keys.
  await replaceEnvelope(session, await sealing.envelope().wrap(masterKey));
  await forgetOverwritten(session);
  takeOver();
  if (source.kind === "own-file")
    return "the master key in our own file is now another one: keep a copy of it";
  return `the master key is now the one from ${masterKey.name.replace(/^MASTER/, "NEW_MASTER")}: start the servers with it`;
}

async function rotateDataKey(session: SqlSession, sealing: OpenSealing) {
  const found = sealing.envelope();
  // More than one: an earlier run was cut off.
  const rotating = found.dataKeyIds.length > 1 ? found : found.addDataKey();
  if (rotating !== found) await replaceEnvelope(session, await sealing.wrapped(rotating));
  const unreadable = await resealSecrets(session, rotating.box, (id) =>
    console.log(`sealed anew up to key ${id}`),
  );
  if (unreadable.length > 0) {
    throw new SealingError(
      "wrong_master_key",
      `The old key is kept, because the secrets of these keys do not open: ${unreadable.slice(0, 10).join(", ")}`,
    );
  }
  const [last, ...older] = rotating.dataKeyIds.toReversed();
  const rotated = older.reduce((envelope, id) => envelope.dropDataKey(id), rotating);
  await replaceEnvelope(session, await sealing.wrapped(rotated));
  await forgetOverwritten(session);
  return `every secret is sealed with data key ${last}, the older ones are gone`;
}
