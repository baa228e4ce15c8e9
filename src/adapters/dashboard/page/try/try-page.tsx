import { useState } from "preact/hooks";
import { DEFAULT_REGION, type Service } from "../../../../domain/index.ts";
import type { CoolingPool, HandedOutKey, ReportOutcome } from "../app/answers.ts";
import { ApiFailure, ask } from "../app/api.ts";
import { KEYS_PATH } from "../keys/key-calls.ts";
import { Button } from "../parts/button.tsx";
import { Countdown } from "../parts/countdown.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { ServiceChoice } from "../parts/service-choice.tsx";
import { attempt } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";
import { OutcomeCard } from "./outcome-card.tsx";
import { ReportCard } from "./report-card.tsx";

type Turn =
  | { readonly kind: "key"; readonly key: HandedOutKey; readonly service: Service }
  | { readonly kind: "none" }
  | { readonly kind: "cooling"; readonly until: string };

export function TryPage() {
  const { try: text } = t.value;
  const [service, setService] = useState<Service>("speech");
  const [region, setRegion] = useState(DEFAULT_REGION.speech);
  const [tag, setTag] = useState("");
  const [turn, setTurn] = useState<Turn>();
  const [outcome, setOutcome] = useState<ReportOutcome & { readonly code: number }>();
  const askForKey = async () => {
    setOutcome(undefined);
    setTurn(await takeTurn(service, region, tag));
    return undefined;
  };
  const report = async (code: number) => {
    if (turn?.kind !== "key") return undefined;
    const body = { key: turn.key.key, code };
    const done = await ask<ReportOutcome>("POST", `${KEYS_PATH[turn.service]}/status`, { body });
    setOutcome({ ...done, code });
    return undefined;
  };
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      <div class="stack">
        <form
          class="toolbar card"
          onSubmit={(event) => {
            event.preventDefault();
            void attempt(askForKey);
          }}
        >
          <ServiceChoice
            value={service}
            onChoose={(chosen) => {
              setService(chosen);
              setRegion(DEFAULT_REGION[chosen]);
            }}
          />
          <Field label={text.region}>
            {(ids) => (
              <input
                {...ids}
                required
                value={region}
                onInput={({ currentTarget }) => setRegion(currentTarget.value)}
              />
            )}
          </Field>
          <Field label={text.tag}>
            {(ids) => (
              <input {...ids} value={tag} onInput={({ currentTarget }) => setTag(currentTarget.value)} />
            )}
          </Field>
          <Button kind="primary" type="submit" needs="client">
            {text.ask}
          </Button>
        </form>
        {!turn && <p class="muted">{text.nothing}</p>}
        {turn?.kind === "none" && <div class="notice bad">{text.noKey}</div>}
        {turn?.kind === "cooling" && (
          <div class="notice">
            <span>
              {text.cooling} <Countdown until={turn.until} />
            </span>
          </div>
        )}
        {turn?.kind === "key" && (
          <ReportCard
            handedOut={turn.key}
            service={turn.service}
            onReport={(code) => void attempt(() => report(code))}
          />
        )}
        {outcome && <OutcomeCard outcome={outcome} />}
      </div>
    </>
  );
}

async function takeTurn(service: Service, region: string, tag: string): Promise<Turn> {
  try {
    const query = { region, tag };
    return {
      kind: "key",
      service,
      key: await ask<HandedOutKey>("GET", `${KEYS_PATH[service]}/get`, { query }),
    };
  } catch (error) {
    if (error instanceof ApiFailure && error.code === "no_key") return { kind: "none" };
    if (error instanceof ApiFailure && error.code === "all_keys_cooling") {
      return { kind: "cooling", until: (error.data as CoolingPool).availableAt };
    }
    throw error;
  }
}
