import type { Scope } from "../domain/secret/secret";
import { t } from "./words";

/** A scope in the middle of a sentence: "user", "project", "organization". */
export function scopeText(scope: Scope): string {
  switch (scope) {
    case "user":
      return t("user");
    case "project":
      return t("project");
    case "organization":
      return t("organization");
  }
}
