import { JsonFile } from "./json-file.ts";
import { JsonKeyRepository } from "./json-key-repository.ts";
import { JsonLog } from "./json-log.ts";
import { JsonSettingRepository } from "./json-setting-repository.ts";

/** The three storage ports over one file, which is made with the first write. */
export async function openJsonStorage(path: string) {
  const file = await JsonFile.open(path);
  return {
    keys: new JsonKeyRepository(file),
    log: new JsonLog(file),
    settings: new JsonSettingRepository(file),
  };
}
