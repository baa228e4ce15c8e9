export { TranslatorRestProbe, type TranslatorRestProbeOptions } from "./translator-rest-probe.ts";
