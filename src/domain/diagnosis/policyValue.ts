import { Failure } from "../failure";

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** What a policy must be told beyond the host. `member` is Google's word for who is let in, `principal` Azure's. */
export type PolicyField = "repository" | "role" | "project" | "location" | "member" | "principal";

/** The failure `invalid-policy-value`: `why` says what can be. An empty value is one that is missing. */
export function invalidValue(field: PolicyField, value: string, why: string): Failure {
  const named = value === "" ? `No ${field} is given` : `"${value.slice(0, 200)}" cannot be the ${field}`;
  return new Failure("invalid-policy-value", `${named}: ${why}.`, { field, why });
}
