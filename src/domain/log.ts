/** Where the program tells what it does, for a person who looks for the cause of trouble. Never given a secret. */
export interface Log {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A log that keeps nothing. */
export const silentLog: Log = { trace() {}, info() {}, warn() {}, error() {} };
