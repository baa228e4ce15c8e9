import type { KeyObject } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { StoredSecret } from "../../domain/index.ts";
import type { OpenedBatch } from "./background-opener.ts";
import { openText } from "./sealed-text.ts";

const dataKeys = workerData as ReadonlyMap<number, KeyObject>;

parentPort?.on("message", (batch: readonly StoredSecret[]) => {
  const opened: OpenedBatch = batch.map((stored) => openText(dataKeys, stored.service, stored));
  parentPort?.postMessage(opened);
});
