import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  /** Gets the ids that join the control to its label and its hint. */
  readonly children: (ids: { readonly id: string; readonly "aria-describedby": string }) => ComponentChildren;
  readonly isCompact?: boolean;
}

export function Field({ label, hint, problem, children, isCompact }: FieldProps) {
  const id = useId();
  return (
    <div class={isCompact ? "field compact" : "field"}>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-hint` })}
      <span id={`${id}-hint`} class={problem ? "hint problem" : "hint"} aria-live="polite">
        {problem || hint}
      </span>
    </div>
  );
}
