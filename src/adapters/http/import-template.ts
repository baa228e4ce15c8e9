import { DEFAULT_REGION, type Service } from "../../domain/index.ts";

/** A file to fill in; it can be imported as it is. */
export function importTemplate(service: Service) {
  const row = (number: number, status: string) => ({
    key: `replace-with-your-${service}-key-${number}`,
    region: DEFAULT_REGION[service],
    keyname: `My ${service} key ${number}`,
    tag: "",
    status,
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
