import type { LogEntry } from "../../domain/index.ts";
import { isoTime } from "./iso-time.ts";

export function presentLog({ id, keyId, action, statusCode, note, at, keyName, region }: LogEntry) {
  return {
    id,
    key_id: keyId,
    action,
    status_code: statusCode,
    note,
    created_at: isoTime(at),
    keyname: keyName,
    region,
  };
}
