import { t } from "./words";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Less than this, and it is worth a warning. */
export const SOON = DAY;

/** "expires in 3 h", "expired 2 days ago". Both times in milliseconds since the epoch. */
export function expiryText(at: number, now: number): string {
  const left = at - now;
  if (Math.abs(left) < MINUTE) return left > 0 ? t("expires in a minute") : t("expired just now");
  const time = Math.abs(left);
  if (time < HOUR) {
    const minutes = Math.floor(time / MINUTE);
    return left > 0 ? t("expires in {0} min", minutes) : t("expired {0} min ago", minutes);
  }
  if (time < 2 * DAY) {
    const hours = Math.floor(time / HOUR);
    return left > 0 ? t("expires in {0} h", hours) : t("expired {0} h ago", hours);
  }
  const days = Math.floor(time / DAY);
  return left > 0 ? t("expires in {0} days", days) : t("expired {0} days ago", days);
}
