import type { ImportOutcome } from "../domain/secret/importing";
import type { FoundLogin } from "../domain/secret/otherLogins";
import { failureLine } from "./failureText";
import { hostLabel } from "./secretRows";
import { t } from "./words";

/** What became of an import, in one line: how many there are now, and of the first that failed why. */
export function importText(outcomes: readonly ImportOutcome[]): { readonly text: string; readonly isTrouble: boolean } {
  const failed = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome] : []));
  const [first, ...others] = failed;
  const done = outcomes.length - failed.length;
  const count = done === 1 ? t("1 secret imported.") : t("{0} secrets imported.", done);
  if (!first) return { text: count, isTrouble: false };
  const why = t("Not {0}: {1}", hostLabel(first.host), failureLine(first.failure));
  const more = others.length === 0 ? "" : ` ${t("({0} more in the log)", others.length)}`;
  return { text: `${done === 0 ? "" : `${count} `}${why}${more}`, isTrouble: true };
}

/** What there is to know of a login before it is chosen. `twin` is the name of the secret that it would change. */
export function loginDetail({ path, host }: FoundLogin, twin: string | undefined): string {
  const replaces = twin === undefined ? "" : t("replaces the username and password of {0}", twin);
  const wider = path === undefined ? "" : t("is for {0} only; the secret will be for all of {1}", path, host.display);
  return [replaces, wider].filter((part) => part !== "").join(" · ");
}

/** A longer path would leave no room for what stands beside it: which secret a login replaces. */
const LONGEST_PATH = 32;

/** A file as a person knows it: below the home folder with `~`, and of a long path its end. */
export function shortPath(place: string, home: string): string {
  const path =
    home !== "" && /^[/\\]/.test(place.slice(home.length)) && place.startsWith(home)
      ? `~${place.slice(home.length).replaceAll("\\", "/")}`
      : place;
  if (path.length <= LONGEST_PATH || !/[/\\]/.test(path)) return path;
  const cuts = [...path.matchAll(/[/\\]/g)].map(({ index }) => path.slice(index));
  return `…${cuts.find((end) => end.length < LONGEST_PATH) ?? cuts.at(-1) ?? path}`;
}
