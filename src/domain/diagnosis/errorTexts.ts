import { CLIENT_TEXTS } from "./errorTexts/client";
import { CREDENTIAL_TEXTS } from "./errorTexts/credential";
import type { ErrorText } from "./errorTexts/errorText";
import { IMAGE_AND_WAY_TEXTS } from "./errorTexts/imageAndWay";
import { REFUSAL_TEXTS } from "./errorTexts/refusal";

export type { ErrorText };

/**
 * The first row that fits a line counts, so what is special stands before what is general, in each part and among them.
 * Patterns have no unbounded quantifier but at their end: a hostile line costs no more than its length times a constant.
 */
export const ERROR_TEXTS: readonly ErrorText[] = [
  ...CLIENT_TEXTS,
  ...CREDENTIAL_TEXTS,
  ...IMAGE_AND_WAY_TEXTS,
  ...REFUSAL_TEXTS,
];
