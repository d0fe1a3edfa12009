/** No token of a registry is longer; what is longer is not looked into. */
const LONGEST = 65_536;

/** The text that `value` is base64 of (standard or URL form, padded or not), or undefined if it is none. Never throws. */
export function textOfBase64(value: string): string | undefined {
  if (value.length > LONGEST || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return undefined;
  try {
    const binary = atob(value.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, ""));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text, or undefined if it is none. Never throws. */
export function jsonOf(text: string | undefined): unknown {
  if (text === undefined || text.length > LONGEST) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** True if the value has the form of a JSON Web Token (RFC 7519): three parts, the first of them a JSON object. */
export function isJwt(value: string): boolean {
  return value.length <= LONGEST && /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/.test(value);
}
