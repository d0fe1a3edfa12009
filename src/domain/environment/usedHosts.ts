import { isFailure } from "../failure";
import { parseImageReference } from "../image/reference";
import { hostOfReference } from "../registry/host";

/** Docker's keys of the hosts of image references; what no registry can be called has none. */
export function hostsOf(references: readonly string[]): ReadonlySet<string> {
  const keys = references.map((reference) => {
    try {
      return hostOfReference(parseImageReference(reference)).key;
    } catch (error) {
      if (isFailure(error)) return "";
      throw error;
    }
  });
  return new Set(keys);
}
