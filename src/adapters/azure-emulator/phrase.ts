/** The detailed answer of speech recognition, in 100 ns units. A success without NBest breaks the SDK. */
export function phraseOf(status: string, text: string): Readonly<Record<string, unknown>> {
  const phrase = { RecognitionStatus: status, Offset: 500_000, Duration: 9_000_000, Channel: 0 };
  if (status !== "Success") return phrase;
  const lexical = text.toLowerCase().replace(/[^\p{L}\p{N} ]/gu, "");
  const best = { Confidence: 0.93, Lexical: lexical, ITN: lexical, MaskedITN: lexical, Display: text };
  return { ...phrase, DisplayText: text, NBest: [best] };
}
