/**
 * A secret string that cannot be printed by accident: every implicit way to a string (template, JSON, console,
 * debugger preview) gives `[redacted]`. Only `reveal()` gives the value, so a search for that word lists every
 * place where a secret leaves the program.
 */
export class Redacted {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the bytes leave (stdin, storage, an HTTP header), never earlier. */
  reveal(): string {
    return this.#value;
  }

  /** True if both hold the same value; says nothing else about it. */
  equals(other: Redacted): boolean {
    return this.#value === other.#value;
  }

  get isEmpty(): boolean {
    return this.#value === "";
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[redacted]";
  }
}

/**
 * Text of a foreign tool with everything secret-looking taken out, safe to keep, log and show.
 * Removes each given secret in the forms in which tools repeat it (plain, base64, URL-encoded, JSON-escaped, and
 * `user:value` in base64 when `username` is known), then what looks like a credential whoever it belongs to:
 * `Authorization` headers, bearer tokens, JWTs, userinfo in URLs, and the query of signed URLs.
 */
export function redactText(text: string, secrets: Iterable<{ username?: string; value: Redacted }> = []): string {
  let result = text;
  for (const { username, value } of secrets) {
    const plain = value.reveal();
    if (plain === "") continue;
    const forms = [plain, base64(plain), encodeURIComponent(plain), JSON.stringify(plain).slice(1, -1)];
    if (username !== undefined) forms.push(base64(`${username}:${plain}`));
    for (const form of forms) {
      const bare = form.replace(/=+$/, "");
      if (bare !== "") result = result.split(form).join("[redacted]").split(bare).join("[redacted]");
    }
  }
  return result
    .replace(/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:(basic|bearer)\s+)?[^\s"',]+/gi, "$1$2 [redacted]")
    .replace(/\b(bearer\s+)(?!realm\b|\[redacted\]|token\b)[A-Za-z0-9._~+/-]{12,}=*/gi, "$1[redacted]")
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, "[redacted]")
    .replace(/(\bhttps?:\/\/)[^\s/@"']+@/gi, "$1[redacted]@")
    .replace(
      /([?&](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|sig|Key-Pair-Id|Policy|verify|token|access_token|refresh_token|password)=)[^&\s"'<>]+/gi,
      "$1[redacted]",
    );
}

/** Standard base64 of the UTF-8 bytes of `text`, with the platform-neutral `btoa` (no Node API in the domain). */
export function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
