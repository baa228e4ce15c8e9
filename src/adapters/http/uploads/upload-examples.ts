import { DEFAULT_REGION } from "../../../domain/index.ts";
import type { DocumentedText } from "../server/route.ts";
import type { TextFormat } from "./text-rows.ts";

const REGION = DEFAULT_REGION.speech;

export const FILE_EXAMPLE = {
  type: "speech",
  keys: [{ key: "your-azure-key-0001", region: REGION, keyname: "Production Key 1" }],
};

/** How uploads that are no JSON are documented. */
export const UPLOAD_TEXTS = {
  "text/csv": {
    description:
      "CSV (RFC 4180) in UTF-8. Its first line names the columns, in any order; only `key` is needed. An empty field says nothing, and without a region the query's is taken.",
    example: `key,region,keyname,tag,status,max_in_flight\nyour-azure-key-0001,${REGION},"Key 1, of sales",gold,enabled,20\n`,
  },
  "text/plain": {
    description:
      "One key a line, perhaps with its region behind a comma; else the query's is taken. Empty lines, and those that begin with #, are passed over.",
    example: `# from the portal\nyour-azure-key-0001\nyour-azure-key-0002,${REGION}\n`,
  },
} satisfies Record<TextFormat["media"], DocumentedText>;
