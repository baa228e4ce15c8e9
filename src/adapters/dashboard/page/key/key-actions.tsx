import { useState } from "preact/hooks";
import type { KeyTestVerdict, ListedKey } from "../app/answers.ts";
import { now } from "../app/clock.ts";
import { goTo, linkTo } from "../app/route.ts";
import { actOn, describeResult, type KeyAct } from "../keys/key-calls.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { phaseOf } from "../parts/standing.ts";
import { attempt } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";

interface KeyActionsProps {
  readonly listed: ListedKey;
  readonly onChanged: () => void;
  readonly onEdit: () => void;
}

export function KeyActions({ listed, onChanged, onEdit }: KeyActionsProps) {
  const { keys } = t.value;
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const phase = phaseOf(listed, now.value);
  const run = async (act: KeyAct) => {
    setBusy(true);
    const isDone = await attempt(() => say(act, listed));
    setBusy(false);
    if (isDone && act === "delete") goTo(linkTo("keys", { service: listed.service }));
    else onChanged();
  };
  const button = (act: KeyAct, name: string) => (
    <Button needs="operator" disabled={isBusy} onClick={() => void run(act)}>
      {name}
    </Button>
  );
  return (
    <div class="group">
      {phase === "cooldown" && button("enable", keys.endCooldown)}
      {phase === "disabled" ? button("enable", keys.enable) : button("disable", keys.disable)}
      {button("test", keys.test)}
      <Button needs="operator" onClick={onEdit}>
        {keys.edit}
      </Button>
      <Button needs="operator" disabled={isBusy} onClick={() => setAsking(true)}>
        {keys.delete}
      </Button>
      {isAsking && (
        <Confirm
          title={keys.deleteTitle(1)}
          confirm={keys.deleteConfirm(1)}
          onConfirm={() => void run("delete")}
          onClose={() => setAsking(false)}
        >
          <p class="muted">{keys.deleteHelp}</p>
        </Confirm>
      )}
    </div>
  );
}

async function say(act: KeyAct, { service, id }: ListedKey): Promise<string> {
  const answer = await actOn(act, service, id);
  if (act === "test") return t.value.story.tested((answer as KeyTestVerdict).statusCode);
  return describeResult(act, { done: 1, failures: new Map() }).good;
}
