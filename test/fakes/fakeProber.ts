import type { Attempt, RegistryProber, TriedCredential } from "../../src/domain/diagnosis/evidence";
import { formatReference, type ImageReference } from "../../src/domain/image/reference";

type Probed = Awaited<ReturnType<RegistryProber["probe"]>>;

export const OK: Attempt = { kind: "ok", exchanges: [] };

/** Answers by image and by registry; notes what was asked, and with which credential. */
export class FakeProber implements RegistryProber {
  readonly probes: { image: string; credential: TriedCredential | undefined }[] = [];
  readonly realmsAsked: string[] = [];
  answers: (image: string, credential: TriedCredential | undefined) => Probed = () => ({ anonymous: OK });
  realms: Record<string, Awaited<ReturnType<RegistryProber["realm"]>>> = {};

  probe(reference: ImageReference, credential: TriedCredential | undefined) {
    const image = formatReference(reference);
    this.probes.push({ image, credential });
    return Promise.resolve(this.answers(image, credential));
  }

  realm(authority: string) {
    this.realmsAsked.push(authority);
    return Promise.resolve(this.realms[authority] ?? ({ kind: "none" } as const));
  }
}
