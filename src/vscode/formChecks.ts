import { isFailure, type Failure } from "../domain/failure";
import { Redacted } from "../domain/redacted";
import type { RegistryHost } from "../domain/registry/host";
import { failureText } from "../presentation/failureText";
import { checkField } from "../presentation/secretForm";
import type { Check } from "./steps";

/** What forbids to go on. */
export function wrong(text: string): Check {
  return { text, isError: true };
}

/** What `work` has against a value: the sentence that it gives, or its failure in words, or nothing. */
export async function complaint(work: () => unknown): Promise<Check | undefined> {
  try {
    const text = await work();
    return typeof text === "string" ? wrong(text) : undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return wrong(textOf(error));
  }
}

/** What lint has to say about one of the two fields of a credential. */
export function remarkOn(
  field: "username" | "password",
  host: RegistryHost | undefined,
  username: string | undefined,
  password: string | undefined,
): Check | undefined {
  if (!host) return undefined;
  const value = password === undefined ? undefined : new Redacted(password);
  return checkField(field, { host, username, password: value, now: Date.now() });
}

function textOf(failure: Failure): string {
  const { message, next } = failureText(failure);
  return failure.code === "invalid-secret-name" ? message : `${message} ${next}`;
}
