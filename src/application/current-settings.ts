import { DEFAULT_SETTINGS, type Settings } from "../domain/index.ts";

/** The settings in force in this process. */
export class CurrentSettings {
  #value: Settings = DEFAULT_SETTINGS;

  get value(): Settings {
    return this.#value;
  }

  replace(settings: Settings): void {
    this.#value = settings;
  }
}
