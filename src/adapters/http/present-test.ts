import type { KeyTestOutcome, Probed, TestWarning } from "../../application/index.ts";

const WARNINGS: Readonly<Record<TestWarning, string>> = {
  not_registered: "The key is not in the pool, so no status was updated",
  other_region: "The key is in the pool of another region, so no status was updated",
};

/** What Azure said about a key, and what that did to it. */
export function presentTest({ probed, statusUpdate, warning }: KeyTestOutcome) {
  const { code, retryAfterSeconds } = probed.verdict;
  return {
    statusCode: code,
    ...presentFinding(probed),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    statusUpdate: statusUpdate && { ...statusUpdate, message: "Status updated successfully" },
    ...(warning && { warning: WARNINGS[warning] }),
  };
}

function presentFinding(probed: Probed) {
  switch (probed.kind) {
    case "synthesis":
      return { audioSize: probed.audioSize };
    case "recognition": {
      const { transcription, recognitionStatus, rawResponse } = probed;
      return { transcription, recognitionStatus, rawResponse };
    }
    case "translation":
      return { translation: probed.translation, rawResponse: probed.rawResponse };
  }
}
