import { z } from "zod";
import { type ProbeKind, type ProbeQuestion, SERVICE_OF } from "../../../application/index.ts";
import { DEFAULT_REGION } from "../../../domain/index.ts";
import { reportOutcomes } from "../keys/key-schemas.ts";
import { count, schemaOf } from "../server/answer-schemas.ts";
import { language, probeText, region, secret } from "../server/fields.ts";
import type { RecognitionTest, SynthesisTest, TranslationTest } from "./probe-answers.ts";

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

const [kept, changed, skipped] = reportOutcomes;
const message = z.string();
const statusUpdate = z
  .union([kept.extend({ message }), changed.extend({ message }), skipped.extend({ message })])
  .nullable()
  .meta({
    description: "What the verdict did to the key; null when it was not applied to the pool, see warning",
  });

const verdict = {
  statusCode: z.int(),
  retryAfterSeconds: count.exactOptional(),
  statusUpdate,
  warning: z.string().exactOptional(),
};

export const synthesisTest = schemaOf<SynthesisTest>()(z.strictObject({ ...verdict, audioSize: count }));

export const recognitionTest = schemaOf<RecognitionTest>()(
  z.strictObject({
    ...verdict,
    transcription: z.string(),
    recognitionStatus: z.string().nullable(),
    rawResponse: z.unknown(),
  }),
);

export const translationTest = schemaOf<TranslationTest>()(
  z.strictObject({ ...verdict, translation: z.string().nullable(), rawResponse: z.unknown() }),
);
