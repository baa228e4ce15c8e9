import { keyOperations } from "./key-operations.ts";
import type { Operations } from "./operation.ts";
import { SETTING_OPERATIONS } from "./setting-operations.ts";
import { SYSTEM_OPERATIONS } from "./system-operations.ts";
import { UPLOAD_OPERATIONS } from "./upload-operations.ts";

/** Everything the API answers, by path below its base. Fixed paths first, as in `Routes`. */
export const OPERATIONS: Operations = {
  ...keyOperations("speech", "/keys"),
  ...keyOperations("translation", "/translation/keys"),
  ...SETTING_OPERATIONS,
  ...UPLOAD_OPERATIONS,
  ...SYSTEM_OPERATIONS,
};
