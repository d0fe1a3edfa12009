import { isFailure } from "../failure";
import { familiarName, referenceIfAny, withDefaultTag } from "../image/reference";
import type { WorkspaceImage } from "../image/workspaceImages";
import type { Attempt, CredentialEvidence, ImageEvidence, Place, RegistryProber, TriedCredential } from "./evidence";
import { diagnose } from "./diagnose";
import { hasPlatform } from "./platform";
import type { Finding } from "./finding";

/** Which credential counts for a registry (by Docker's name of it), and the credential itself if there is one to try. */
export interface CredentialLookup {
  (
    registry: string,
    signal?: AbortSignal,
  ): Promise<
    { readonly evidence: CredentialEvidence; readonly credential?: TriedCredential } & Pick<
      ImageEvidence,
      "docker" | "knownHosts"
    >
  >;
}

/**
 * Diagnoses each image, side by side; the same image named twice is asked for once. With `anonymousOnly` (an untrusted
 * workspace) no credential is looked up or sent. Throws only `cancelled`.
 */
export async function diagnoseImages(
  images: readonly WorkspaceImage[],
  ports: {
    readonly prober: RegistryProber;
    readonly lookUp: CredentialLookup;
    /** What the engine asks for, such as `linux/amd64`; asked only for an image that tells its platforms. */
    enginePlatform?(): Promise<string | undefined>;
  },
  options: {
    readonly anonymousOnly?: boolean;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Finding[]> {
  const probes = new Map<string, Promise<Omit<Parameters<typeof diagnose>[0], "place" | "text">>>();
  return await Promise.all(
    images.map(async (image): Promise<Finding> => {
      const place = placeOf(image);
      if (image.reference === undefined) return unusable(image);
      const reference = withDefaultTag(image.reference);
      const key = JSON.stringify(reference);
      let probe = probes.get(key);
      if (!probe) {
        probe = (async () => {
          const { evidence, credential, ...seen } =
            options.anonymousOnly === true
              ? { evidence: { kind: "none" } as const, credential: undefined }
              : await ports.lookUp(reference.registry, options.signal);
          return {
            reference,
            credential: evidence,
            ...seen,
            ...(await ports.prober.probe(reference, credential, options.signal)),
          };
        })();
        probes.set(key, probe);
      }
      try {
        const seen = await probe;
        const platform = await wantedPlatform(image, [seen.authenticated, seen.anonymous], ports);
        const finding = diagnose({ place, text: image.text, ...seen, ...(platform === undefined ? {} : { platform }) });
        // none was looked for, so none may be said to be missing
        return options.anonymousOnly === true && finding.code === "no-credential"
          ? { ...finding, ...resolved(image), reason: "untrusted", remedies: ["trust-workspace"] }
          : { ...finding, ...resolved(image) };
      } catch (error) {
        // docker's grammar allows hosts that no network has, such as port 99999
        if (isFailure(error, "invalid-registry-host", "invalid-image-reference")) return unusable(image);
        throw error;
      }
    }),
  );
}

function placeOf({ file, range, role, dependencyOf }: WorkspaceImage): Place {
  return { file, range, role, ...(dependencyOf === undefined ? {} : { dependencyOf }) };
}

/** What the image means, where it is not written so. */
function resolved({ text, reference }: WorkspaceImage): Pick<Finding, "resolved"> {
  if (reference === undefined) return {};
  const written = referenceIfAny(text);
  const name = familiarName(reference);
  return written && familiarName(written) === name ? {} : { resolved: name };
}

/** What the image must be there for: of several, one that it is not there for. Nothing if that cannot be told. */
async function wantedPlatform(
  { role, platform, isBase }: WorkspaceImage,
  attempts: readonly (Attempt | undefined)[],
  ports: { enginePlatform?(): Promise<string | undefined> },
): Promise<string | undefined> {
  // a Feature has none
  if (role === "feature") return undefined;
  const there = attempts
    .map((attempt) => (attempt?.kind === "ok" ? (attempt.platforms ?? []) : []))
    .find(({ length }) => length > 0);
  if (there === undefined) return undefined;
  if (platform !== undefined && isBase !== true) return platform;
  const wanted = [await ports.enginePlatform?.(), platform].filter((one) => one !== undefined);
  return wanted.find((one) => !hasPlatform(there, one)) ?? wanted[0];
}

function unusable(image: WorkspaceImage): Finding {
  const names = image.unresolved ?? [];
  const unresolved = names.length > 0;
  return {
    code: unresolved ? "unresolved-variable" : "invalid-reference",
    place: placeOf(image),
    image: image.text,
    ...resolved(image),
    registry: "",
    credential: { kind: "none" },
    confidence: "certain",
    remedies: [unresolved ? "set-variable" : "fix-reference"],
    evidence: [],
    errors: [],
    ...(unresolved ? { detail: names.join(", ") } : {}),
  };
}
