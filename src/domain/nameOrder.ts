let collator: Intl.Collator | undefined;

/**
 * Which of two names comes first for a person: `app2` before `app10`. Negative, zero or positive, as `Array.sort` wants it.
 * The rules are loaded with the first comparison, since that takes several milliseconds.
 */
export function compareNames(one: string, other: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(one, other);
}
