import { choose, LANGUAGES, type Language, language, t } from "../text/text.ts";
import { APPEARANCES, type Appearance, appearance } from "./appearance.ts";

export function Preferences() {
  const { language: languageLabel, appearance: appearanceLabel, appearances } = t.value.app;
  return (
    <div class="preferences">
      <select
        aria-label={languageLabel}
        value={language.value}
        onChange={({ currentTarget }) => choose(currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={appearanceLabel}
        value={appearance.value}
        onChange={({ currentTarget }) => {
          appearance.value = currentTarget.value as Appearance;
        }}
      >
        {APPEARANCES.map((one) => (
          <option key={one} value={one}>
            {appearances[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
