import { useState } from "preact/hooks";
import type { ImportFindings } from "../app/answers.ts";
import { Button } from "../parts/button.tsx";
import { t } from "../text/text.ts";
import { FindingTable } from "./finding-table.tsx";
import { type ImportChoices, Options, USUAL_CHOICES } from "./options.tsx";

interface CheckStepProps {
  readonly findings: ImportFindings;
  readonly onBack: () => void;
  readonly onStart: (choices: ImportChoices) => Promise<void>;
}

export function CheckStep({ findings, onBack, onStart }: CheckStepProps) {
  const { import: text, app } = t.value;
  const { total, errors, warnings } = findings;
  const [choices, setChoices] = useState(USUAL_CHOICES);
  const isStopped = errors.length > 0 && choices.validateBeforeCreate;
  return (
    <div class="stack">
      <div class={errors.length > 0 ? "notice bad" : "notice good"} role="status">
        <span>
          {errors.length > 0 ? text.problems(errors.length) : text.valid}
          {warnings.length > 0 && ` ${text.existing(warnings.length)}.`}
        </span>
      </div>
      {errors.length > 0 && <FindingTable findings={errors} />}
      <Options choices={choices} onChange={setChoices} />
      <div class="group">
        <Button onClick={onBack}>{app.cancel}</Button>
        <Button kind="primary" needs="operator" disabled={isStopped} onClick={() => void onStart(choices)}>
          {text.start(total)}
        </Button>
      </div>
    </div>
  );
}
