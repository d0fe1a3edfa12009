import type { EffectiveSecret } from "../secret/effective";
import type { LoginSource } from "../secret/nativeLogins";
import { hostsOf } from "./usedHosts";

/**
 * Who answers now for the runner-native secrets that these images use, by Docker's key of the host: asks their clouds, at
 * once. Where nobody answers, or without a name, there is none. Throws only `cancelled`.
 */
export async function answeringIdentities(
  references: readonly string[],
  secrets: ReadonlyMap<string, EffectiveSecret>,
  logins: Pick<LoginSource, "whoAnswers">,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const native = [...hostsOf(references)].flatMap((host) => {
    const secret = secrets.get(host)?.secret;
    return secret?.credential.kind === "runner-native" ? [secret.host] : [];
  });
  const names = await Promise.all(
    native.map(async (host) => {
      const who = await logins.whoAnswers(host, signal);
      return who?.kind === "identity" && who.name !== undefined ? ([[host.key, lasting(who.name)]] as const) : [];
    }),
  );
  return new Map(names.flat());
}

/** Without the name of the session, which is another one each time (IAM user guide, "Assumed-role session principals"). */
function lasting(name: string): string {
  return name.replace(/^(arn:[^:]+:sts::\d+:assumed-role\/.+)\/[^/]+$/, "$1");
}
