import * as l10n from "@vscode/l10n";

/**
 * The sentence `message` in the language of the person, with `{0}`, `{1}` … replaced by `values`. `message` is a whole
 * English sentence or label, written as a literal where it is used: it is the key of the translation
 * (`l10n/bundle.l10n.<language>.json`), and what is shown where there is none.
 */
export function t(message: string, ...values: (string | number)[]): string {
  return l10n.t(message, ...values);
}

/** Sets the translations by their English sentences; without them everything is English. */
export function useTranslations(translations: Readonly<Record<string, string>> | undefined): void {
  l10n.config({ contents: { ...translations } });
}
