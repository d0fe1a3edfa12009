import { readFile } from "node:fs/promises";
import { parse, type ParseError } from "jsonc-parser";
import * as z from "zod/mini";
import { Failure, messageOf } from "../../domain/failure";

const Variables = z.record(z.string(), z.string());

/**
 * The variables of a secrets file of the dev container CLI: JSON with comments, `{"NAME": "value"}`.
 * Throws `invalid-secrets-file`, never with a value in it.
 */
export async function readSecretsFile(path: string): Promise<Record<string, string>> {
  const fail = (why: string, cause?: unknown) =>
    new Failure("invalid-secrets-file", `The secrets file ${path} cannot be used: ${why}.`, { file: path, why }, cause);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fail((error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : messageOf(error), error);
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ""), errors, { allowTrailingComma: true });
  if (errors.length > 0) throw fail("it is not JSON");
  const parsed = z.safeParse(Variables, value);
  if (parsed.success) return parsed.data;
  throw fail('it must be an object of names and texts, like {"NAME": "value"}');
}
