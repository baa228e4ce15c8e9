import { DEFAULT_SETTINGS, type Settings } from "../../domain/index.ts";

/** The settings in force in this process. */
export class SettingsInForce {
  #value: Settings = DEFAULT_SETTINGS;
  readonly #listeners: (() => void)[] = [];

  get value(): Settings {
    return this.#value;
  }

  replace(settings: Settings): void {
    this.#value = settings;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
