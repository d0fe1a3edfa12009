import { identifyRegistry, REGISTRY_PRESETS } from "../domain/registry/catalog";
import type { RegistryHost } from "../domain/registry/host";
import type { EffectiveSecret } from "../domain/secret/effective";
import { effectiveSecrets } from "../domain/secret/effective";
import { isInScope } from "../domain/secret/registrySecrets";
import { expiryOf } from "../domain/secret/expiry";
import { usernameOf, type RegistrySecret, type Scope } from "../domain/secret/secret";
import { expiryText, SOON } from "./expiryText";

/** A group of the view: the secrets of one scope, of one workspace folder for `project`. */
export interface GroupRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  readonly scope: Exclude<Scope, "organization">;
  readonly project?: string;
  readonly rows: readonly SecretRow[];
  /** What stands in an empty group. */
  readonly placeholder: string;
}

/** One secret: everything but the password. */
export interface SecretRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly icon: string;
  readonly accessibilityLabel: string;
}

export interface WorkspaceProject {
  readonly name: string;
  readonly key: string;
}

/**
 * The rows of the view: a group per project of the workspace, then the person's own secrets. `now` is the time by which
 * a secret expires or has expired, in milliseconds since the epoch.
 */
export function secretGroups(
  secrets: readonly RegistrySecret[],
  projects: readonly WorkspaceProject[],
  now: number,
): GroupRow[] {
  const group = (scope: GroupRow["scope"], project: WorkspaceProject | undefined): GroupRow => {
    const effective = effectiveSecrets(secrets, project?.key ?? projects[0]?.key);
    const own = secrets.filter((secret) => isInScope(secret, scope, project?.key));
    return {
      id: `group:${scope}:${project?.key ?? ""}`,
      label: scope === "user" ? "User" : "Project",
      description: scope === "user" ? "" : (project?.name ?? ""),
      tooltip:
        scope === "user"
          ? "Your own secrets, in every project. They beat project secrets for the same registry."
          : `Secrets of ${project?.key ?? "this project"}, on this machine.`,
      icon: scope === "user" ? "account" : "repo",
      scope,
      ...(project === undefined ? {} : { project: project.key }),
      rows: own.map((secret) => secretRow(secret, effective.get(secret.host.key), now)),
      placeholder: scope === "user" ? "No user secrets" : "No project secrets",
    };
  };
  return [...projects.map((project) => group("project", project)), group("user", undefined)];
}

function secretRow(secret: RegistrySecret, effective: EffectiveSecret | undefined, now: number): SecretRow {
  const host = hostLabel(secret.host);
  const username = usernameOf(secret.credential);
  const winner = effective?.secret.id === secret.id ? undefined : effective?.secret;
  const overridden = winner ? ` · overridden by ${winner.name}` : "";
  const expiry = expiryOf(secret.credential);
  const expires = expiry ? ` · ${expiryText(expiry.at, now)}` : "";
  const icon = secret.credential.kind === "runner-native" ? "cloud" : "key";
  const day = (time: number) => new Date(time).toISOString().slice(0, 16).replace("T", " ");
  return {
    id: secret.id,
    label: secret.name,
    description: `${host} · ${username}${expires}${overridden}`,
    tooltip: [
      `**${escapeMarkdown(secret.name)}**`,
      "",
      "| | |",
      "|---|---|",
      `| Registry | ${escapeMarkdown(secret.host.key)} |`,
      `| Username | ${escapeMarkdown(username)} |`,
      `| Created | ${day(secret.createdAt)} UTC |`,
      `| Updated | ${day(secret.updatedAt)} UTC |`,
      ...(expiry ? [`| Expires | ${day(expiry.at)} UTC |`] : []),
      ...(winner
        ? ["", `The ${winner.scope} secret ${escapeMarkdown(winner.name)} is used for this registry instead.`]
        : []),
    ].join("\n"),
    icon: winner ? "circle-slash" : expiry && expiry.at - now < SOON ? "warning" : icon,
    accessibilityLabel: `Secret ${secret.name} for ${host}, username ${username}${expires}${overridden}`,
  };
}

/** The registry as people call it: "Docker Hub" for its long key, the host for every other. */
export function hostLabel(host: RegistryHost): string {
  const { kind } = identifyRegistry(host);
  const preset = REGISTRY_PRESETS.find((known) => known.kind === kind);
  return kind === "docker-hub" && preset ? preset.label : host.key;
}

/** Text that Markdown shows as it is, in one line. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\\`*_[\]|<>~&]/g, "\\$&");
}
