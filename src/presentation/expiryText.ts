const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Less than this, and it is worth a warning. */
export const SOON = DAY;

/** "expires in 3 h", "expired 2 days ago". Both times in milliseconds since the epoch. */
export function expiryText(at: number, now: number): string {
  const left = at - now;
  if (Math.abs(left) < MINUTE) return left > 0 ? "expires in a minute" : "expired just now";
  return left > 0 ? `expires in ${span(left)}` : `expired ${span(-left)} ago`;
}

function span(time: number): string {
  if (time < HOUR) return `${Math.floor(time / MINUTE)} min`;
  if (time < 2 * DAY) return `${Math.floor(time / HOUR)} h`;
  return `${Math.floor(time / DAY)} days`;
}
