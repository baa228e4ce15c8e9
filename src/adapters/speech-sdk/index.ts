export { SpeechSdkProbe, type SpeechSdkProbeOptions } from "./speech-sdk-probe.ts";
