import type { ReportOutcome } from "../app/answers.ts";
import { t } from "../text/text.ts";

/** What the rules did about a code, in words and as a program is told. */
export function OutcomeCard({ outcome }: { readonly outcome: ReportOutcome & { readonly code: number } }) {
  const { try: text } = t.value;
  const { code, ...answer } = outcome;
  return (
    <section class="card" aria-label={text.said} aria-live="polite">
      <h2>{text.said}</h2>
      <p>
        <strong class="number">{code}</strong> → {text.outcomes[outcome.action]}{" "}
        {outcome.action === "skip" && text.reasons[outcome.reason]}
      </p>
      <code class="muted">{JSON.stringify(answer)}</code>
    </section>
  );
}
