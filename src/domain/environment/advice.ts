import type { EffectiveSecret } from "../secret/effective";
import type { CreationRecord, NamedImages } from "./creationRecord";
import { hostsOf } from "./usedHosts";

/** Why an environment should be created again. */
export type AdviceReason =
  | { readonly kind: "secret-created"; readonly host: string; readonly secret: string }
  | { readonly kind: "reference-changed"; readonly from: readonly string[]; readonly to: readonly string[] }
  | { readonly kind: "permission-changed"; readonly host: string }
  /** The last creation failed, and the credential that it used has been changed since, or another one counts. */
  | { readonly kind: "creation-failed"; readonly host?: string };

export type Advice =
  { readonly kind: "nothing" } | { readonly kind: "recreate"; readonly reasons: readonly AdviceReason[] };

/** How things are now. */
export interface Present {
  /** The secrets that count for the environment's project, by Docker's key of the host. */
  readonly secrets: ReadonlyMap<string, EffectiveSecret>;
  /** What the configuration names; undefined if it cannot be read. */
  readonly images?: NamedImages | undefined;
  /** Who answers for runner-native secrets, by Docker's key of the host, as far as it was asked. */
  readonly identities?: ReadonlyMap<string, string> | undefined;
}

/**
 * What the changes since an environment was made mean for its *pull* (semantics, "What an event means for an
 * environment"); its logins are the delivery's business. Creating it again is suggested exactly when
 *
 * - a secret came that was not there, and the environment uses its host or could not be created;
 * - the configuration names other images than then;
 * - the cloud's own identity answers for a used host where it did not, or in another way;
 * - it could not be created, and for a host that it uses another credential counts by now.
 *
 * A rotated value is no reason (the image is already here), nor is a deleted secret (nothing until the next creation).
 * Of an environment whose creation was not recorded nothing can be said.
 */
export function adviceFor(creation: CreationRecord | undefined, present: Present): Advice {
  if (creation === undefined) return { kind: "nothing" };
  const reasons = [...secretReasons(creation, present), ...referenceReasons(creation, present.images)];
  return reasons.length === 0 ? { kind: "nothing" } : { kind: "recreate", reasons };
}

function secretReasons(creation: CreationRecord, { secrets, images, identities }: Present): AdviceReason[] {
  const used = hostsOf([...creation.references, ...(images?.references ?? [])]);
  const failed = creation.outcome === "failed";
  const reasons: AdviceReason[] = [];
  for (const [host, { secret }] of secrets) {
    const then = creation.secrets.find((recorded) => recorded.host === host);
    const isAnotherSecret = then !== undefined && then.id !== secret.id;
    const isNew = then === undefined || (isAnotherSecret && secret.createdAt > creation.at);
    const isChanged = then?.id === secret.id && secret.updatedAt > then.updatedAt;
    const becameNative = then?.kind === "password" && secret.credential.kind === "runner-native";
    const isNative = then?.kind === "runner-native" && secret.credential.kind === "runner-native";
    const who = identities?.get(host);
    const isOther = isNative && who !== undefined && who !== (then.identity ?? who);
    if (isNew) {
      if (failed || used.has(host)) reasons.push({ kind: "secret-created", host, secret: secret.name });
    } else if (used.has(host)) {
      if (becameNative || isOther || (isNative && isChanged)) reasons.push({ kind: "permission-changed", host });
      else if (failed && (isChanged || isAnotherSecret)) reasons.push({ kind: "creation-failed", host });
    }
  }
  return reasons;
}

function referenceReasons(creation: CreationRecord, images: NamedImages | undefined): AdviceReason[] {
  if (images === undefined || images.incomplete || creation.incomplete === true) return [];
  const from = creation.references.filter((reference) => !images.references.includes(reference));
  const to = images.references.filter((reference) => !creation.references.includes(reference));
  return from.length + to.length === 0 ? [] : [{ kind: "reference-changed", from, to }];
}
