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
 * Removes each given secret in the forms in which tools repeat it (plain, base64 and its URL form, URL-encoded,
 * JSON-escaped, and `user:value` in base64 when `username` is known), then what looks like a credential whoever it
 * belongs to: authorization headers, bearer tokens, JWTs, userinfo in URLs, the query of signed URLs, and the secret
 * fields of Docker's config and of token answers.
 */
export function redactText(text: string, secrets: Iterable<{ username?: string; value: Redacted }> = []): string {
  const forms = new Set<string>();
  for (const { username, value } of secrets) {
    const plain = value.reveal();
    if (plain === "") continue;
    for (const form of formsOf(plain)) forms.add(form);
    if (username !== undefined) for (const form of base64Forms(`${username}:${plain}`)) forms.add(form);
  }
  // in one pass and the longest first: a secret that is part of another, or of "[redacted]", leaves no remainder
  const given = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const clean = given.length === 0 ? text : text.replace(new RegExp(given.join("|"), "g"), "[redacted]");
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), clean);
}

/**
 * Servers choose these texts, so each pattern takes time in proportion to the text: what may be long has only one place
 * to start at (a whole word, a line, a mark that it does not contain itself).
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // a header with its scheme anywhere, and one without a scheme only where a header stands: "may require
  // authorization: server message: …" is docker's own sentence
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(basic|bearer|token)\s+[^\s"',]+/gi, "$1$2 [redacted]"],
  [
    /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(digest|negotiate|ntlm|aws4-[\w-]+)\s+[^\r\n]+/gi,
    "$1$2 [redacted]",
  ],
  [
    /((?:^|[>{,"'])[ \t]*(?:(?:proxy-)?authorization|x-registry-auth|x-registry-config|x-auth-token)["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',]+(?=["',}]|[ \t]*$)/gim,
    "$1[redacted]",
  ],
  [/\b(bearer\s+)(?!realm\b|token\b)(?=[A-Za-z_~+/.-]*\d)[A-Za-z0-9._~+/-]{12,}=*/gi, "$1[redacted]"],
  [/(?<![\w-])(?=[\w-]+\.[\w-]+\.)([\w-]*?\b)eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, "$1[redacted]"],
  // of AWS in a canonical request; tokens and client secrets of Google
  [/(x-amz-security-token["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',]+/gi, "$1[redacted]"],
  [/\b(?:ya29\.|1\/\/0|GOCSPX-)[\w.-]{6,}/g, "[redacted]"],
  [/(\bhttps?:\/\/)[^\s/?#"'<>]+@/gi, "$1[redacted]@"],
  [/(:\/\/)[^\s/?#"'<>:]*:[^\s/?#"'<>]*@/gi, "$1[redacted]@"],
  [
    /((?:[?&;]|\\u0026)(?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|sig|Key-Pair-Id|Policy|verify|token|access_token|refresh_token|password)=)[^&\s"'<>\\]+/gi,
    "$1[redacted]",
  ],
  [
    /("(?:auth|identitytoken|registrytoken|password|secret|token|access_token|refresh_token)"\s*:\s*")(?!\[redacted\])(?:[^"\\]|\\.)+/gi,
    "$1[redacted]",
  ],
];

/** How tools write a secret: as it is, encoded, and escaped as JavaScript and Go escape JSON. */
function formsOf(plain: string): string[] {
  const wellFormed = new TextDecoder().decode(new TextEncoder().encode(plain)); // half a surrogate cannot be encoded
  const url = encodeURIComponent(wellFormed);
  const strictUrl = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const json = JSON.stringify(plain).slice(1, -1);
  const goJson = json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return [
    plain,
    ...base64Forms(plain),
    ...[url, strictUrl].flatMap((form) => {
      const spaced = form.replace(/%20/g, "+");
      return [
        form,
        spaced,
        ...[form, spaced].map((upper) => upper.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())),
      ];
    }),
    json,
    goJson,
  ];
}

function base64Forms(text: string): string[] {
  const standard = base64(text);
  const url = standard.replace(/\+/g, "-").replace(/\//g, "_");
  return [standard, url].flatMap((form) => [form, form.replace(/=+$/, "")]);
}

/** Standard base64 of the UTF-8 bytes of `text`, with the platform-neutral `btoa` (no Node API in the domain). */
export function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
