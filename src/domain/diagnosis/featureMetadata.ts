import { withDefaultTag, type ImageReference } from "../image/reference";
import type { WorkspaceImagesPorts } from "../image/workspaceImages";
import type { CredentialLookup } from "./diagnoseImages";
import type { RegistryProber } from "./evidence";

/** What asking for images needs; see `diagnoseImages`. */
interface AskingPorts {
  readonly prober: RegistryProber;
  readonly lookUp: CredentialLookup;
}

/**
 * What a Feature in a registry says of itself, asked for as its image is diagnosed: the same conversation, credential and
 * rules of trust. For `workspaceImages`, which follows it to the Features that this one depends on.
 */
export function featureMetadata(
  { prober, lookUp }: AskingPorts,
  options: { readonly anonymousOnly?: boolean; readonly signal?: AbortSignal | undefined } = {},
): NonNullable<WorkspaceImagesPorts["featureMetadata"]> {
  return async (reference) => {
    const { credential } = options.anonymousOnly === true ? {} : await lookUp(reference.registry, options.signal);
    const { anonymous, authenticated } = await prober.probe(withDefaultTag(reference), credential, options.signal);
    const found = [authenticated, anonymous].flatMap((attempt) =>
      attempt?.kind === "ok" ? (attempt.feature ?? []) : [],
    );
    return found.flatMap((feature) => ("metadata" in feature ? feature.metadata : []))[0];
  };
}

/** A prober that asks for each image once, for one diagnosis: what was found out about a Feature is not asked for again. */
export function askingOnce(prober: RegistryProber): RegistryProber {
  const asked = new Map<string, ReturnType<RegistryProber["probe"]>>();
  return {
    probe(reference, credential, signal) {
      const key = JSON.stringify([keyOf(reference), credential !== undefined]);
      const answer = asked.get(key) ?? prober.probe(reference, credential, signal);
      asked.set(key, answer);
      return answer;
    },
    realm: (authority, signal) => prober.realm(authority, signal),
  };
}

function keyOf({ registry, repository, tag, digest }: ImageReference): unknown {
  return [registry, repository, tag, digest];
}
