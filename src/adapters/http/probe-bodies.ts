import { z } from "zod";
import { region, secret } from "./fields.ts";

const text = z.string().max(1000).nullish();
const language = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/);

/** Text to speech. */
export const synthesisBody = z.object({ key: secret, region, text });

/** Speech to text; the sound is made up. */
export const recognitionBody = z.object({ key: secret, region });

export const translationBody = z.object({
  key: secret,
  region,
  text,
  from: language.nullish(),
  to: language.nullish(),
});
