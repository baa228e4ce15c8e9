import {
  type Clock,
  type FieldProblem,
  KNOWN_SETTINGS,
  readSettings,
  type SettingRepository,
} from "../../domain/index.ts";
import type { SettingsInForce } from "./settings-in-force.ts";

interface Parts {
  readonly clock: Clock;
  readonly settings: SettingRepository;
  readonly inForce: SettingsInForce;
}

/** Puts the stored settings in force in this process. */
export class LoadSettings {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Stores the default of every known setting that has no entry yet. */
  async seed(): Promise<void> {
    const { clock, settings } = this.#parts;
    const now = clock.now();
    await settings.seed(
      KNOWN_SETTINGS.map(({ name, defaultValue, description }) => ({
        name,
        value: defaultValue,
        description,
        createdAt: now,
        updatedAt: now,
      })),
    );
  }

  /** Answers the stored settings that are not acceptable; their defaults are in force. */
  async execute(): Promise<readonly FieldProblem[]> {
    const entries = await this.#parts.settings.all();
    const { settings, problems } = readSettings(new Map(entries.map(({ name, value }) => [name, value])));
    this.#parts.inForce.replace(settings);
    return problems;
  }
}
