import { SERVICES, type Service } from "../../../../domain/index.ts";
import { t } from "../text/text.ts";
import { Choice } from "./choice.tsx";

interface ServiceChoiceProps {
  readonly value: Service;
  readonly onChoose: (service: Service) => void;
}

export function ServiceChoice({ value, onChoose }: ServiceChoiceProps) {
  const options = SERVICES.map((service) => [service, t.value.services[service]] as const);
  return <Choice label={t.value.keys.service} options={options} value={value} onChoose={onChoose} />;
}

export function readService(text: string | null | undefined): Service {
  return text === "translation" ? "translation" : "speech";
}
