/** Passwords that nothing else on this machine says, with characters that every encoding writes in its own way. */
export const CANARIES = { first: `canary"first/8d41e7+&%`, second: `canary'second\\2b96fa=?` } as const;

/**
 * Which forms of a canary stand in a text: itself, as in JSON, URL-encoded, and in base64 wherever it lies in what was
 * encoded (alone, behind the user, in a whole document).
 */
export function canariesIn(text: string | Buffer, canaries: readonly string[] = Object.values(CANARIES)): string[] {
  return canaries.flatMap(formsOf).filter((form) => text.includes(form));
}

function formsOf(canary: string): string[] {
  const json = JSON.stringify(canary).slice(1, -1);
  const texts = [...new Set([canary, json])];
  const encoded = texts.flatMap((text) => [0, 1, 2].map((before) => base64Inside(text, before)));
  const forUrls = encoded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...texts, encodeURIComponent(canary), ...encoded, ...forUrls])];
}

/** The part of the base64 that depends on the text alone, where `before` bytes (by three) are encoded before it. */
function base64Inside(text: string, before: number): string {
  const bits = (before + Buffer.byteLength(text)) * 8;
  const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString("base64");
  return whole.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
}
