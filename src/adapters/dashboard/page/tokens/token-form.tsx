import { useState } from "preact/hooks";
import { ROLES, type Role, SERVICES, type Service } from "../../../../domain/index.ts";
import type { NewToken } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { isDoorOpen, signIn } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { useAttempt } from "../parts/use-attempt.ts";
import { t } from "../text/text.ts";
import { MadeToken } from "./made-token.tsx";

interface TokenFormProps {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}

const DAYS = [7, 30, 90, 365];
const DAY_MS = 86_400_000;

export function TokenForm({ onClose, onCreated }: TokenFormProps) {
  const { tokens, roles, services, app } = t.value;
  // The first one closes the door, and only an admin makes others.
  const [isFirst] = useState(isDoorOpen.value);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(isFirst ? "admin" : "client");
  const [days, setDays] = useState(90);
  const [chosen, setChosen] = useState<readonly Service[]>([]);
  const [regions, setRegions] = useState("");
  const [tags, setTags] = useState("");
  const [made, setMade] = useState<NewToken>();
  const [problem, run] = useAttempt();
  if (made) return <MadeToken made={made} isAdopted={isFirst} onClose={onClose} />;
  const create = async () => {
    const scope = { services: namesIn(chosen), regions: namesIn(split(regions)), tags: namesIn(split(tags)) };
    const expires_at = String(Date.now() + days * DAY_MS);
    const token = await ask<NewToken>("POST", "/tokens", { body: { name, role, expires_at, scope } });
    // From now on this page needs one as well.
    if (isFirst) await signIn(token.token);
    setMade(token);
    onCreated();
    return undefined;
  };
  return (
    <Dialog title={tokens.create} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(create);
        }}
      >
        <Field label={tokens.name} hint={tokens.nameHint}>
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
        </Field>
        <Field label={tokens.role}>
          {(ids) => (
            <select
              {...ids}
              value={role}
              onChange={({ currentTarget }) => setRole(currentTarget.value as Role)}
            >
              {ROLES.map((one) => (
                <option key={one} value={one}>
                  {roles[one]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={tokens.expires}>
          {(ids) => (
            <select
              {...ids}
              value={days}
              onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}
            >
              {DAYS.map((one) => (
                <option key={one} value={one}>
                  {tokens.expiresInDays(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <fieldset class="options">
          <legend>{tokens.scope}</legend>
          <div class="group">
            {SERVICES.map((service) => (
              <label key={service} class="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(service)}
                  onChange={({ currentTarget: { checked } }) =>
                    setChosen(checked ? [...chosen, service] : chosen.filter((one) => one !== service))
                  }
                />
                {services[service]}
              </label>
            ))}
          </div>
          <div class="columns">
            <Field label={tokens.regions} hint={tokens.scopeHint}>
              {(ids) => (
                <input
                  {...ids}
                  value={regions}
                  onInput={({ currentTarget }) => setRegions(currentTarget.value)}
                />
              )}
            </Field>
            <Field label={tokens.tags} hint={tokens.scopeHint}>
              {(ids) => (
                <input {...ids} value={tags} onInput={({ currentTarget }) => setTags(currentTarget.value)} />
              )}
            </Field>
          </div>
        </fieldset>
        <Problem text={problem} />
        <div class="actions">
          <Button onClick={onClose}>{app.cancel}</Button>
          <Button kind="primary" type="submit" needs="admin">
            {tokens.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function split(text: string): readonly string[] {
  return text
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter(Boolean);
}

/** No names narrow nothing. */
function namesIn<T>(names: readonly T[]): readonly T[] | null {
  return names.length === 0 ? null : names;
}
