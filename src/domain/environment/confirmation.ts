import { Failure } from "../failure";
import type { Container } from "./container";

/**
 * The candidates that the person named, by name or by the beginning of the id (security, 3: any other candidate is
 * confirmed once, by name). Throws `wrong-use` for a name that fits none of them, so that a typing error is seen.
 */
export function confirmedCandidates(names: readonly string[], candidates: readonly Container[]): Container[] {
  return names.map((name) => {
    const found = candidates.filter(
      (candidate) => candidate.name === name || (name.length >= 6 && candidate.id.startsWith(name)),
    );
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const known = candidates.map((candidate) => candidate.name).join(", ");
    throw new Failure(
      "wrong-use",
      `No running container that looks like an environment of this folder is called "${name}"` +
        (known === "" ? "." : `. There are: ${known}.`),
      { name },
    );
  });
}
