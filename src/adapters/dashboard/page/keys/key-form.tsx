import { useState } from "preact/hooks";
import { DEFAULT_REGION, type Service } from "../../../../domain/index.ts";
import type { ShownKey } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { nameOf } from "../parts/key-link.tsx";
import { Problem } from "../parts/problem.tsx";
import { ServiceChoice } from "../parts/service-choice.tsx";
import { useAttempt } from "../parts/use-attempt.ts";
import { t } from "../text/text.ts";
import { KEYS_PATH } from "./key-calls.ts";

interface KeyFormProps {
  readonly service: Service;
  /** Absent for a key that is to be added. */
  readonly edited: ShownKey | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function KeyForm({ service: given, edited, onClose, onSaved }: KeyFormProps) {
  const { keys, app } = t.value;
  const [service, setService] = useState(given);
  const [secret, setSecret] = useState("");
  const [region, setRegion] = useState(edited?.region ?? DEFAULT_REGION[given]);
  const [keyname, setName] = useState(edited?.keyname ?? "");
  const [tag, setTag] = useState(edited?.tag ?? "");
  const [limit, setLimit] = useState(String(edited?.max_in_flight ?? ""));
  const [problem, run] = useAttempt();
  const save = async () => {
    const path = KEYS_PATH[service];
    const body = { region, keyname, tag, max_in_flight: limit.trim() };
    const saved = edited
      ? await ask<ShownKey>("PUT", `${path}/${edited.id}`, { body })
      : await ask<ShownKey>("POST", path, { body: { key: secret.trim(), ...body } });
    onClose();
    onSaved();
    return edited ? keys.saved(nameOf(saved)) : keys.added(nameOf(saved));
  };
  return (
    <Dialog title={edited ? keys.editTitle(nameOf(edited)) : keys.addTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(save);
        }}
      >
        {!edited && <ServiceChoice value={service} onChoose={setService} />}
        {!edited && (
          <Text
            label={keys.secret}
            hint={keys.secretHint}
            value={secret}
            onInput={setSecret}
            isSecret
            isRequired
            max={256}
          />
        )}
        <div class="columns">
          <Text
            label={keys.region}
            hint={keys.regionHint}
            value={region}
            onInput={setRegion}
            isRequired
            max={40}
          />
          <Text
            label={`${keys.tag} (${keys.optional})`}
            hint={keys.tagHint}
            value={tag}
            onInput={setTag}
            max={50}
          />
        </div>
        <div class="columns">
          <Text label={`${keys.name} (${keys.optional})`} value={keyname} onInput={setName} max={100} />
          <Text
            label={`${keys.limit} (${keys.optional})`}
            hint={keys.limitHint}
            value={limit}
            onInput={setLimit}
            isNumber
            max={5}
          />
        </div>
        <Problem text={problem} />
        <div class="actions">
          <Button onClick={onClose}>{app.cancel}</Button>
          <Button kind="primary" type="submit" needs="operator">
            {edited ? app.save : keys.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface TextProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly max: number;
  readonly isRequired?: boolean;
  readonly isSecret?: boolean;
  readonly isNumber?: boolean;
  readonly onInput: (text: string) => void;
}

function Text({
  label,
  hint,
  value,
  max,
  isRequired = false,
  isSecret = false,
  isNumber = false,
  onInput,
}: TextProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          {...(isSecret ? ({ type: "password" } as const) : ({ type: "text" } as const))}
          {...(isNumber && { inputMode: "numeric" as const })}
          autocomplete="off"
          spellcheck={false}
          required={isRequired}
          maxLength={max}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
    </Field>
  );
}
