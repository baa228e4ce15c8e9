import { now } from "../app/clock.ts";
import { t } from "../text/text.ts";
import { Countdown } from "./countdown.tsx";
import { phaseOf, type Standing } from "./standing.ts";

/** What a key's standing is this instant, and until when or why. */
export function StatusBadge({ of }: { readonly of: Standing }) {
  const phase = phaseOf(of, now.value);
  const until = phase === "cooldown" ? of.cooldown_until : phase === "protected" ? of.protected_until : null;
  return (
    <span class="status">
      <span class={`badge ${phase}`}>{t.value.status[phase]}</span>
      {until && (
        <span class="muted">
          <Countdown until={until} />
        </span>
      )}
      {phase === "disabled" && <span class="muted">{whoDisabled(of)}</span>}
    </span>
  );
}

function whoDisabled({ disabled_by, disabled_code }: Standing): string {
  const { byCode, byPerson } = t.value.keys;
  return disabled_by === "code" && disabled_code !== null ? byCode(disabled_code) : byPerson;
}
