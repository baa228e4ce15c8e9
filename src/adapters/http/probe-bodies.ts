import { z } from "zod";
import { type ProbeKind, type ProbeQuestion, SERVICE_OF } from "../../application/index.ts";
import { DEFAULT_REGION } from "../../domain/index.ts";
import { language, probeText, region, secret } from "./fields.ts";

const fields = z.object({
  key: secret,
  region: region.nullish(),
  text: probeText.nullish(),
  from: language("from").nullish(),
  to: language("to").nullish(),
});

/** What is asked of Azure about a key. Every kind takes the same fields and passes over what it has no use for. */
export function probeBody(kind: ProbeKind) {
  return fields.transform(
    ({ key, region, text, from, to }): ProbeQuestion => ({
      kind,
      secret: key,
      region: region ?? DEFAULT_REGION[SERVICE_OF[kind]],
      text: text ?? undefined,
      from: from ?? undefined,
      to: to ?? undefined,
    }),
  );
}

export const synthesisBody = probeBody("synthesis");
export const recognitionBody = probeBody("recognition");
export const translationBody = probeBody("translation");
