import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { t } from "../text/text.ts";
import { Preferences } from "./preferences.tsx";
import { signIn } from "./session.ts";

const COMMAND = "npm run token -- create --name dashboard --role admin";

export function SignIn({ refused }: { readonly refused: string }) {
  const [text, setText] = useState("");
  const { title, help, token, submit, how } = t.value.signIn;
  return (
    <form
      class="card sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        void signIn(text);
      }}
    >
      <p class="muted">{t.value.name}</p>
      <h1>{title}</h1>
      <p class="muted">{help}</p>
      <Field label={token} problem={refused}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            autocomplete="off"
            value={text}
            required
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      <Button kind="primary" type="submit">
        {submit}
      </Button>
      <p class="muted">{how}</p>
      <code>{COMMAND}</code>
      <Preferences />
    </form>
  );
}
