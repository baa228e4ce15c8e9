import { render } from "preact";
import { App } from "./app/app.tsx";
import { followAppearance } from "./app/appearance.ts";
import { enter } from "./app/session.ts";
import { followLanguage } from "./text/text.ts";

followAppearance();
followLanguage();
void enter();
render(<App />, document.getElementById("root") as HTMLElement);
