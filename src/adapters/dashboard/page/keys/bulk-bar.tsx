import { useState } from "preact/hooks";
import type { Service } from "../../../../domain/index.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { say } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";
import { actOnAll, describeResult, KEY_ACTS, type KeyAct } from "./key-calls.ts";

interface BulkBarProps {
  readonly service: Service;
  readonly ids: readonly number[];
  readonly onDone: () => void;
  readonly onClear: () => void;
}

/** What can be done to all keys that are selected. */
export function BulkBar({ service, ids, onDone, onClear }: BulkBarProps) {
  const { keys } = t.value;
  const [settled, setSettled] = useState<number>();
  const [isAsking, setAsking] = useState(false);
  const run = async (act: KeyAct) => {
    setSettled(0);
    const { good, bad } = describeResult(act, await actOnAll(act, service, ids, setSettled));
    setSettled(undefined);
    if (good) say(good);
    if (bad) say(bad, true);
    if (act === "delete") onClear();
    onDone();
  };
  return (
    <div class="bulk">
      <strong>{keys.selected(ids.length)}</strong>
      {KEY_ACTS.map((act) => (
        <Button
          key={act}
          kind="quiet"
          needs="operator"
          disabled={settled !== undefined}
          onClick={() => (act === "delete" ? setAsking(true) : void run(act))}
        >
          {keys[act]}
        </Button>
      ))}
      {settled !== undefined && <span class="muted number">{keys.working(settled, ids.length)}</span>}
      <Button kind="quiet" onClick={onClear}>
        {keys.clear}
      </Button>
      {isAsking && (
        <Confirm
          title={keys.deleteTitle(ids.length)}
          confirm={keys.deleteConfirm(ids.length)}
          onConfirm={() => void run("delete")}
          onClose={() => setAsking(false)}
        >
          <p class="muted">{keys.deleteHelp}</p>
        </Confirm>
      )}
    </div>
  );
}
