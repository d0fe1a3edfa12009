import type { TextRange } from "./range";

/** A file that is named but cannot be read or understood; what else is known is still used. */
export interface WorkspaceProblem {
  readonly file: string;
  /** An English sentence. */
  readonly message: string;
  /** Which sentence it is, and what varies in it, where it can be said in another language. */
  readonly code?:
    | "syntax"
    | "yaml"
    | "wrong-type"
    | "expected-string"
    | "expected-object"
    | "invalid-feature"
    | "no-image"
    | "no-service"
    | "no-service-image"
    | "no-service-named"
    | "no-file"
    | "no-object"
    | "too-large";
  readonly detail?: string;
  readonly range?: TextRange;
  /** The line in the file at which it is, from 1. */
  readonly line?: number;
}

/** What is said of a file that is named and not there. */
export function noFile(file: string): Pick<WorkspaceProblem, "code" | "message" | "detail"> {
  return { code: "no-file", message: `There is no file ${file}.`, detail: file };
}
