import { useState } from "preact/hooks";
import type { Service } from "../../../../domain/index.ts";
import type { ImportFindings, ImportReport } from "../app/answers.ts";
import { ApiFailure, ask } from "../app/api.ts";
import { PageHead } from "../parts/page-head.tsx";
import { ServiceChoice } from "../parts/service-choice.tsx";
import { useAttempt } from "../parts/use-attempt.ts";
import { t } from "../text/text.ts";
import { CheckStep } from "./check-step.tsx";
import { ChooseStep } from "./choose-step.tsx";
import type { ImportChoices } from "./options.tsx";
import type { Row } from "./read-rows.ts";
import { ResultStep } from "./result-step.tsx";
import { RunningStep } from "./running-step.tsx";

type Step =
  | { readonly name: "choose" }
  | { readonly name: "check"; readonly findings: ImportFindings }
  | { readonly name: "running" }
  | { readonly name: "done"; readonly report: ImportReport };

export function ImportPage() {
  const { import: text } = t.value;
  const [service, setService] = useState<Service>("speech");
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [step, setStep] = useState<Step>({ name: "choose" });
  const [problem, run] = useAttempt();
  const check = () =>
    run(async () => {
      const body = { type: service, jsonData: rows };
      setStep({ name: "check", findings: await ask<ImportFindings>("POST", "/upload/validate", { body }) });
      return undefined;
    });
  const start = (options: ImportChoices) =>
    run(async () => {
      setStep({ name: "running" });
      try {
        setStep({ name: "done", report: await importRows({ type: service, jsonData: rows, options }) });
      } catch (error) {
        setStep({ name: "choose" });
        throw error;
      }
      return undefined;
    });
  const again = () => {
    setRows([]);
    setStep({ name: "choose" });
  };
  return (
    <>
      <PageHead title={text.title} lead={text.lead}>
        {step.name === "choose" && <ServiceChoice value={service} onChoose={setService} />}
      </PageHead>
      <ol class="steps">
        {(["choose", "check", "done"] as const).map((name) => (
          <li key={name} aria-current={isAt(name, step) ? "step" : undefined}>
            {text.step[name]}
          </li>
        ))}
      </ol>
      {step.name === "choose" && (
        <ChooseStep
          service={service}
          rows={rows}
          problem={problem}
          onRows={(read, named) => {
            setRows(read);
            if (named) setService(named);
          }}
          onCheck={() => void check()}
        />
      )}
      {step.name === "check" && (
        <CheckStep findings={step.findings} onBack={() => setStep({ name: "choose" })} onStart={start} />
      )}
      {step.name === "running" && <RunningStep service={service} total={rows.length} />}
      {step.name === "done" && <ResultStep report={step.report} service={service} onAgain={again} />}
    </>
  );
}

function isAt(name: "choose" | "check" | "done", step: Step): boolean {
  return step.name === name || (name === "done" && step.name === "running");
}

/** A report is an answer too where every row has failed. */
async function importRows(body: object): Promise<ImportReport> {
  try {
    return await ask<ImportReport>("POST", "/upload/create-keys", { body });
  } catch (error) {
    if (error instanceof ApiFailure && error.data !== undefined) return error.data as ImportReport;
    throw error;
  }
}
