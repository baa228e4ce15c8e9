import { parentPort, workerData } from "node:worker_threads";
import type {
  BackgroundAnswer,
  BackgroundData,
  BackgroundMessage,
  BackgroundTask,
} from "./background-connection.ts";
import { openNative } from "./native-sqlite.ts";
import { PreparedStatements } from "./prepared-statements.ts";

const BUSY_TIMEOUT_MS = 1000;

const { file, secureDelete, closing } = workerData as BackgroundData;
const native = openNative(file, { timeout: BUSY_TIMEOUT_MS });
native.pragma("cache_size = -2000");
if (secureDelete) native.pragma("secure_delete = on");
const statements = new PreparedStatements(native);

parentPort?.on("message", (message: BackgroundMessage) => {
  if (message === "end") {
    native.close();
    parentPort?.close();
  } else if (Atomics.load(closing, 0) === 0) parentPort?.postMessage(perform(message));
});

function perform(task: BackgroundTask): BackgroundAnswer {
  const { id } = task;
  try {
    return { id, rows: statements.execute(task.sql, task.values) };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { id, failure: { message, code } };
  }
}
