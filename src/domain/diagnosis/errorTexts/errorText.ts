import type { Finding, FindingCode, Remedy } from "../finding";

/** A text that a failed pull leaves behind, and what it means. */
export interface ErrorText {
  readonly code: FindingCode;
  /** At least one of these stands in the line, in lower case: the quick test, and what a log is searched for. */
  readonly literals: readonly string[];
  /** What the line must match besides. Its named groups are facts: helper, platform, address, status, retryAfter, detail. */
  readonly pattern?: RegExp;
  /** The recorded text that this row stands for. */
  readonly example: string;
  /** Where it was recorded: a row of test/fixtures/pull-texts.json, a thread, or the source that prints it. */
  readonly source: string;
  readonly confidence: Finding["confidence"];
  /** Whether a credential was sent, where the text tells (by its verb: "anonymous token", "oauth token"). */
  readonly credential?: "none" | "sent";
  /**
   * `hint`: said on the way, and the cause only if nothing else is found. `root`: a warning that explains why no credential
   * was sent later. Otherwise the text is the cause.
   */
  readonly weight?: "hint" | "root";
  /** Any program may say so: counts only in a line that speaks of a pull. */
  readonly onlyOfPulls?: true;
  readonly remedies: readonly Remedy[];
}

/** A pattern at the end of what was said: a log or JSON may close the text around it, and go on with its next field. */
export function atEnd(pattern: RegExp): RegExp {
  return new RegExp(String.raw`(?:${pattern.source})(?=["'}\])]{0,4}$|["'}\])]{1,4}(?:,|\s\w{1,40}=))`, pattern.flags);
}
