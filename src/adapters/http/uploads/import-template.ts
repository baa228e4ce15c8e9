import { DEFAULT_REGION, type Service } from "../../../domain/index.ts";
import type { ImportTemplate, TemplateRow } from "./upload-answers.ts";

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
