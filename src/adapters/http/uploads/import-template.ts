import type { ImportOptions } from "../../../application/index.ts";
import { DEFAULT_REGION, type Service } from "../../../domain/index.ts";

/** A file to fill in; its placeholders are refused as keys. */
export interface ImportTemplate {
  readonly type: Service;
  readonly keys: readonly TemplateRow[];
  readonly options: Readonly<Record<keyof ImportOptions, boolean>>;
}

interface TemplateRow {
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string;
  readonly status: "enabled" | "disabled";
  readonly max_in_flight: number | null;
}

export function importTemplate(service: Service): ImportTemplate {
  const row = (number: number, status: TemplateRow["status"]): TemplateRow => ({
    key: `replace-with-your-${service}-key-${number}`,
    region: DEFAULT_REGION[service],
    keyname: `My ${service} key ${number}`,
    tag: "",
    status,
    max_in_flight: null,
  });
  return {
    type: service,
    keys: [row(1, "enabled"), row(2, "disabled")],
    options: {
      validateBeforeCreate: true,
      enableAfterCreate: true,
      overwriteExisting: false,
      testBeforeCreate: false,
    },
  };
}
