import { useId, useState } from "preact/hooks";
import {
  boundsOf,
  knownSetting,
  readSettings,
  type SettingBounds,
  type SettingName,
} from "../../../../domain/index.ts";
import type { ConfigEntry } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { may, seesEverything } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { attempt } from "../parts/toasts.tsx";
import { locale, t } from "../text/text.ts";

interface SettingRowProps {
  readonly name: SettingName;
  /** Of all settings. */
  readonly values: ReadonlyMap<string, string>;
  readonly onSaved: () => void;
}

export function SettingRow({ name, values, onSaved }: SettingRowProps) {
  const { settings, app } = t.value;
  const { label, help } = settings.known[name];
  const standard = knownSetting(name)?.defaultValue ?? "";
  const value = values.get(name) ?? standard;
  // What is typed changes this value, and is forgotten where another one comes.
  const [draft, setDraft] = useState({ of: value, text: value });
  if (draft.of !== value) setDraft({ of: value, text: value });
  const { text } = draft;
  const setText = (typed: string) => setDraft({ of: value, text: typed });
  const id = useId();
  const isGood = text === value || isAcceptable(name, text, values);
  const save = (act: () => Promise<ConfigEntry>) =>
    void attempt(async () => {
      await act();
      onSaved();
      return settings.saved(label);
    });
  return (
    <form
      class="setting"
      onSubmit={(event) => {
        event.preventDefault();
        save(() => ask("PUT", `/config/${name}`, { body: { config_value: text } }));
      }}
    >
      <div>
        <label for={id}>{label}</label>
        {value !== standard && <span class="badge protected">{settings.changed}</span>}
        <p class="muted">{help}</p>
        <code class="muted">{name}</code>
      </div>
      <div class="setting-value">
        <ValueInput id={id} name={name} value={text} isBad={!isGood} onInput={setText} />
        <span id={`${id}-bounds`} class={isGood ? "hint" : "hint problem"}>
          {wordsFor(boundsOf(name))} · {settings.default(standard)}
        </span>
        <div class="group">
          {text !== value && (
            <Button kind="primary" type="submit" needs="admin" disabled={!isGood}>
              {app.save}
            </Button>
          )}
          {text !== value && <Button onClick={() => setText(value)}>{app.cancel}</Button>}
          {text === value && value !== standard && (
            <Button kind="quiet" needs="admin" onClick={() => save(() => ask("DELETE", `/config/${name}`))}>
              {settings.reset}
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}

interface ValueInputProps {
  readonly id: string;
  readonly name: SettingName;
  readonly value: string;
  readonly isBad: boolean;
  readonly onInput: (text: string) => void;
}

function ValueInput({ id, name, value, isBad, onInput }: ValueInputProps) {
  const bounds = boundsOf(name);
  const disabled = !may("admin") || !seesEverything();
  const shared = { id, value, disabled, "aria-describedby": `${id}-bounds`, "aria-invalid": isBad };
  if (bounds.kind !== "choice") {
    return <input {...shared} onInput={({ currentTarget }) => onInput(currentTarget.value)} />;
  }
  return (
    <select {...shared} onChange={({ currentTarget }) => onInput(currentTarget.value)}>
      {bounds.options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

function wordsFor(bounds: SettingBounds): string {
  const { bounds: texts } = t.value.settings;
  const amount = (n: number) => n.toLocaleString(locale.value);
  switch (bounds.kind) {
    case "integer":
    case "seconds":
      return texts[bounds.kind](amount(bounds.min), amount(bounds.max));
    case "aboveZero":
      return texts.aboveZero(amount(bounds.max));
    default:
      return texts[bounds.kind];
  }
}

/** Whether the setting could have this value among the others as they are. */
function isAcceptable(name: string, value: string, others: ReadonlyMap<string, string>): boolean {
  return readSettings(new Map([...others, [name, value]])).problems.length === 0;
}
