import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { isLongRun } from "../situations/long-run.ts";
import { type Found, required } from "./found.ts";

const WITH_WINDOWS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/** The same browser without what shows windows: less to start. */
const WITHOUT_WINDOWS = "chromium-headless-shell";
/** The long run asks what people have, as they have it. */
const NAMES = isLongRun ? [...WITH_WINDOWS, WITHOUT_WINDOWS] : [WITHOUT_WINDOWS, ...WITH_WINDOWS];

/** Each process costs its start. */
const FEW_PROCESSES = [
  "--in-process-gpu",
  "--enable-features=NetworkServiceInProcess2",
  "--disable-site-isolation-trials",
];

/** Asks nobody for anything by itself. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(isLongRun ? [] : FEW_PROCESSES),
];

/** A browser of the test's own: `CHROMIUM_PATH` if set, else the one on the PATH. */
export async function findBrowser(): Promise<Found<Browser>> {
  const executablePath = process.env.CHROMIUM_PATH ?? installed();
  if (executablePath === undefined) {
    return required<Browser>({ missing: "No Chromium is installed, and CHROMIUM_PATH is not set" });
  }
  return { server: await chromium.launch({ executablePath, args: FLAGS }) };
}

function installed(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/bin"];
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
