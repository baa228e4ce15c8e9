import type { ListedKey, LogRow } from "../app/answers.ts";
import { now } from "../app/clock.ts";
import { Countdown } from "../parts/countdown.tsx";
import { Instant } from "../parts/instant.tsx";
import { phaseOf } from "../parts/standing.ts";
import { t } from "../text/text.ts";

interface StandingCardProps {
  readonly listed: ListedKey;
  /** The newest first. */
  readonly log: readonly LogRow[];
}

/** What a key's standing is, until when, and why. */
export function StandingCard({ listed, log }: StandingCardProps) {
  const { story, actions } = t.value;
  const cause = causeOf(listed, log);
  return (
    <section class="card" aria-label={story.now}>
      <h2>{story.now}</h2>
      <div class="standing">
        <Standing {...listed} />
      </div>
      <h3>{story.why}</h3>
      {cause ? (
        <p>
          <span class={`act ${cause.action}`}>{actions[cause.action]}</span>
          {cause.status_code !== null && <strong> {cause.status_code}</strong>}
          {" · "}
          <Instant at={cause.created_at} />
          {cause.note && <span class="quote">{cause.note}</span>}
        </p>
      ) : (
        <p class="muted">{story.noWhy}</p>
      )}
    </section>
  );
}

function Standing(listed: ListedKey) {
  const { story } = t.value;
  const { cooldown_until, protected_until, disabled_by, disabled_code, disabled_at } = listed;
  const phase = phaseOf(listed, now.value);
  if (phase === "disabled") {
    return (
      <>
        <p>{disabled_by === "code" ? story.disabledByCode(disabled_code ?? 0) : story.disabledByPerson}</p>
        {disabled_at && (
          <p class="muted">
            {story.since} <Instant at={disabled_at} />
          </p>
        )}
      </>
    );
  }
  if (phase === "cooldown" && cooldown_until) {
    return (
      <>
        <p class="big">
          <Countdown until={cooldown_until} />
        </p>
        <p>
          {story.resting} <Instant at={cooldown_until} as="clock" />
        </p>
        {protected_until && (
          <p class="muted">
            {story.thenProtected} <Instant at={protected_until} as="clock" />
          </p>
        )}
      </>
    );
  }
  if (phase === "protected" && protected_until) {
    return (
      <p>
        {story.protectedUntil} <Instant at={protected_until} as="clock" />
      </p>
    );
  }
  return <p>{story.usable}</p>;
}

/** The last act that made the standing what it is; for one that can be used, the last one at all. */
function causeOf({ status }: ListedKey, log: readonly LogRow[]): LogRow | undefined {
  const wanted = status === "disabled" ? "disable_key" : status === "cooldown" ? "cooldown_start" : undefined;
  return log.find(({ action }) => wanted === undefined || action === wanted);
}
