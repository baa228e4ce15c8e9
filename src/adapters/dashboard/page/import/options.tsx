import { t } from "../text/text.ts";

export interface ImportChoices {
  readonly validateBeforeCreate: boolean;
  readonly enableAfterCreate: boolean;
  readonly overwriteExisting: boolean;
  readonly testBeforeCreate: boolean;
}

export const USUAL_CHOICES: ImportChoices = {
  validateBeforeCreate: true,
  enableAfterCreate: true,
  overwriteExisting: false,
  testBeforeCreate: false,
};

interface OptionsProps {
  readonly choices: ImportChoices;
  readonly onChange: (choices: ImportChoices) => void;
}

export function Options({ choices, onChange }: OptionsProps) {
  const { options, stopOnProblem, enable, overwrite, test } = t.value.import;
  const texts: Readonly<Record<keyof ImportChoices, string>> = {
    validateBeforeCreate: stopOnProblem,
    enableAfterCreate: enable,
    overwriteExisting: overwrite,
    testBeforeCreate: test,
  };
  return (
    <fieldset class="options">
      <legend>{options}</legend>
      {(Object.keys(texts) as (keyof ImportChoices)[]).map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={choices[name]}
            onChange={({ currentTarget }) => onChange({ ...choices, [name]: currentTarget.checked })}
          />
          {texts[name]}
        </label>
      ))}
    </fieldset>
  );
}
