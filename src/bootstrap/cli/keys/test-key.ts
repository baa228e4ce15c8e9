import type { KeyTestKind, KeyTestResult } from "../../../adapters/client/index.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { readSecret } from "./read-secret.ts";

export const KINDS: readonly KeyTestKind[] = ["synthesis", "recognition", "translation"];

interface TestOptions {
  readonly kind: KeyTestKind;
  readonly region?: string;
  readonly keyFile?: string;
}

/** Ends with 1 for a key that does not work. */
export async function testKey(invocation: Invocation, options: TestOptions): Promise<ExitCode> {
  const { kind, region, keyFile } = options;
  const { pool } = invocation;
  const key = await readSecret(invocation, keyFile);
  const result = await pool.testKey(kind, { key, ...(region && { region }) });
  invocation.answer(result, () => linesOf(result));
  return result.works ? EXIT.done : EXIT.failed;
}

function linesOf(result: KeyTestResult): readonly string[] {
  const { works, statusCode, statusUpdate, warning } = result;
  const verdict = works ? `the key works (${statusCode})` : `the key does not work: ${result.reason}`;
  const consequence = statusUpdate ? [`the pool: ${statusUpdate.message}`] : [];
  return [verdict, ...consequence, ...(warning ? [`warning: ${warning}`] : [])];
}
