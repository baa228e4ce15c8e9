import type { ComponentChildren } from "preact";
import type { Role } from "../../../../domain/index.ts";
import { may } from "../app/session.ts";
import { t } from "../text/text.ts";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly type?: "button" | "submit";
  /** Whoever may not do what is open to it sees the button, and why he can't use it. */
  readonly needs?: Role;
  readonly disabled?: boolean;
  readonly label?: string;
}

export function Button({
  children,
  onClick,
  kind = "plain",
  type = "button",
  needs,
  disabled,
  label,
}: ButtonProps) {
  const isLacking = needs !== undefined && !may(needs);
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={isLacking || disabled}
      title={isLacking ? t.value.app.needs(needs) : undefined}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
