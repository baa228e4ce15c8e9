import { useState } from "preact/hooks";
import { maskSecret, type Service } from "../../../../domain/index.ts";
import type { HandedOutKey } from "../app/answers.ts";
import { linkTo } from "../app/route.ts";
import { may } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { nameOf } from "../parts/key-link.tsx";
import { t } from "../text/text.ts";

interface ReportCardProps {
  readonly handedOut: HandedOutKey;
  readonly service: Service;
  readonly onReport: (code: number) => void;
}

const USUAL_CODES = [200, 429, 401, 403, 500];

export function ReportCard({ handedOut, service, onReport }: ReportCardProps) {
  const { try: text } = t.value;
  const [code, setCode] = useState("");
  return (
    <section class="card" aria-label={text.handedOut}>
      <h2>{text.handedOut}</h2>
      <p>
        <strong>{nameOf(handedOut)}</strong>{" "}
        <span class="muted number">
          #{handedOut.id} · {maskSecret(handedOut.key)} · {handedOut.region}
        </span>{" "}
        {may("viewer") && <a href={linkTo(`keys/${service}/${handedOut.id}`)}>{text.see}</a>}
      </p>
      <h3>{text.report}</h3>
      <div class="group">
        {USUAL_CODES.map((one) => (
          <Button key={one} needs="client" onClick={() => onReport(one)}>
            {one}
          </Button>
        ))}
        <form
          class="group code-form"
          onSubmit={(event) => {
            event.preventDefault();
            onReport(Number(code));
          }}
        >
          <input
            class="code"
            aria-label={text.other}
            placeholder={text.code}
            inputMode="numeric"
            pattern="[1-5][0-9][0-9]"
            required
            value={code}
            onInput={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <Button type="submit" needs="client">
            {text.send}
          </Button>
        </form>
      </div>
    </section>
  );
}
