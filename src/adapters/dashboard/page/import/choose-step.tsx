import { useState } from "preact/hooks";
import type { Service } from "../../../../domain/index.ts";
import { ask } from "../app/api.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { attempt } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";
import { type ReadRows, type Row, readRows } from "./read-rows.ts";

interface ChooseStepProps {
  readonly service: Service;
  readonly rows: readonly Row[];
  readonly problem: string;
  readonly onRows: (rows: readonly Row[], service?: Service) => void;
  readonly onCheck: () => void;
}

export function ChooseStep({ service, rows, problem, onRows, onCheck }: ChooseStepProps) {
  const { import: text } = t.value;
  const [fault, setFault] = useState("");
  const [isOver, setOver] = useState(false);
  const take = (content: string) => {
    const read = readRows(content);
    setFault("fault" in read ? wordsFor(read) : "");
    if ("rows" in read) onRows(read.rows, read.service);
    else onRows([]);
  };
  const takeFile = async (file: File | undefined) => {
    if (file) take(await file.text());
  };
  return (
    <div class="stack">
      <fieldset
        aria-label={text.step.choose}
        class={isOver ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void takeFile(event.dataTransfer?.files[0]);
        }}
      >
        <span>{text.drop}</span>
        <label class="button">
          {text.browse}
          <input
            type="file"
            accept=".json,.csv,.tsv,.txt"
            onChange={({ currentTarget }) => void takeFile(currentTarget.files?.[0])}
          />
        </label>
        <Button onClick={() => void attempt(() => download(service))}>{text.template}</Button>
      </fieldset>
      <Field label={text.paste} hint={text.pasteHint}>
        {(ids) => (
          <textarea
            {...ids}
            rows={6}
            spellcheck={false}
            onInput={({ currentTarget }) => take(currentTarget.value)}
          />
        )}
      </Field>
      <Problem text={problem || (fault && text.unreadable(fault))} />
      <div class="group">
        <Button kind="primary" needs="operator" disabled={rows.length === 0} onClick={onCheck}>
          {text.check}
        </Button>
        {rows.length > 0 && <span class="muted">{text.read(rows.length)}</span>}
      </div>
    </div>
  );
}

function wordsFor(read: Exclude<ReadRows, { readonly rows: unknown }>): string {
  const { line, empty, badJson } = t.value.import;
  if (read.fault === "line") return line(read.line);
  return read.fault === "empty" ? empty : badJson;
}

/** Fetched, as a link would go without the token. */
async function download(type: Service): Promise<undefined> {
  const link = document.createElement("a");
  const template = await ask<object>("GET", "/upload/template", { query: { type }, isFile: true });
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(template, null, 2)}\n`]));
  link.download = `${type}-keys-template.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  return undefined;
}
