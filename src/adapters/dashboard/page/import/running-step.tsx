import { useEffect, useState } from "preact/hooks";
import type { Service } from "../../../../domain/index.ts";
import { listen } from "../app/live.ts";
import { t } from "../text/text.ts";

interface RunningStepProps {
  readonly service: Service;
  readonly total: number;
}

/** How far it is, as the events say; that it runs, where there are none. */
export function RunningStep({ service, total }: RunningStepProps) {
  const { import: text } = t.value;
  const [done, setDone] = useState<number>();
  useEffect(() => {
    let own: string | undefined;
    return listen((event) => {
      if (event.kind !== "import" || event.data.service !== service || event.data.total !== total) return;
      own ??= event.data.import_id;
      if (event.data.import_id === own) setDone(event.data.done);
    });
  }, [service, total]);
  return (
    <section class="card" aria-label={text.running}>
      <div class="card-head">
        <h2>{text.running}</h2>
        <span class="muted number">{text.progress(done ?? 0, total)}</span>
      </div>
      {/* Without a value it says that something goes on. */}
      {done === undefined ? (
        <progress aria-label={text.running} />
      ) : (
        <progress aria-label={text.running} max={total} value={done} />
      )}
    </section>
  );
}
