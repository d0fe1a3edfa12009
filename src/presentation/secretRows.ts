import { eachOnce } from "../domain/eachOnce";
import type { DeclaredSecret } from "../domain/secret/declarations";
import { variablePrefix } from "../domain/secret/exporting";
import { DOCKER_HUB_KEY, type RegistryHost } from "../domain/registry/host";
import { effectiveSecrets, type EffectiveSecret } from "../domain/secret/effective";
import { expiryOf } from "../domain/secret/expiry";
import { nameFor, usernameOf, type RegistrySecret, type Scope } from "../domain/secret/secret";
import { expiryText, SOON } from "./expiryText";
import { tooltipTable } from "./markdown";
import type { ViewRow } from "./viewRows";
import { t } from "./words";

/** A group of more rows is closed at first, and says how many it has: what stands below it would be out of sight. */
const MANY = 100;

export interface WorkspaceProject {
  readonly name: string;
  readonly key: string;
}

/**
 * The groups of secrets: one for each project of the workspace, the person's own, and the organization's if the store has
 * any. `now` is the time by which a secret expires or has expired, in milliseconds since the epoch; `declared` are the
 * secrets that the files of a project ask for, by its key.
 */
export function secretGroups(
  secrets: readonly RegistrySecret[],
  projects: readonly WorkspaceProject[],
  now: number,
  declared: ReadonlyMap<string, readonly DeclaredSecret[]> = new Map(),
): ViewRow[] {
  const effectiveIn = eachOnce((project: string | undefined) => effectiveSecrets(secrets, project));
  const inScope = (scope: Scope, project?: WorkspaceProject) => {
    const effective = effectiveIn(project?.key ?? projects[0]?.key);
    return secrets
      .filter((secret) => secret.scope === scope && (scope !== "project" || secret.project === project?.key))
      .map((secret) => secretRow(secret, effective.get(secret.host.key), now));
  };
  const organization = inScope("organization");
  return [
    ...projects.map((project) =>
      group({
        id: `group:project:${project.key}`,
        label: t("Project"),
        description: project.name,
        tooltip: t("Secrets of {0}, on this machine.", project.key),
        icon: "repo",
        subject: { kind: "secrets", scope: "project", project: project.key },
        placeholder: t("No project secrets"),
        rows: [
          ...inScope("project", project),
          ...missing(secrets, project, declared.get(project.key) ?? []).map((one) => declaredRow(one, project)),
        ],
      }),
    ),
    group({
      id: "group:user:",
      label: t("User"),
      tooltip: t("Your own secrets, in every project. They beat project secrets for the same registry."),
      icon: "account",
      subject: { kind: "secrets", scope: "user" },
      placeholder: t("No user secrets"),
      rows: inScope("user"),
    }),
    ...(organization.length === 0
      ? []
      : [
          group({
            id: "group:organization:",
            label: t("Organization"),
            tooltip: t("Secrets of your organization. They are changed where the organization keeps them."),
            icon: "organization",
            subject: { kind: "secrets", scope: "organization" },
            placeholder: "",
            rows: organization,
          }),
        ]),
  ];
}

/** What the files ask for and nobody has given yet, by the names of its variables. */
function missing(
  secrets: readonly RegistrySecret[],
  project: WorkspaceProject,
  declared: readonly DeclaredSecret[],
): DeclaredSecret[] {
  const here = secrets.filter((secret) => secret.scope !== "project" || secret.project === project.key);
  // under the name that it would have as a secret, or under that which is exported
  const given = new Set(here.flatMap((secret) => [secret.name.toUpperCase(), variablePrefix(secret)]));
  const asked = new Map(declared.map((one) => [one.prefix, one]));
  return [...asked.values()].filter(({ prefix }) => !given.has(prefix) && !given.has(nameFor(prefix)));
}

function declaredRow({ prefix, description }: DeclaredSecret, project: WorkspaceProject): ViewRow {
  const asked = t("asked for by devcontainer.json");
  return {
    id: `declared:${project.key}:${prefix}`,
    label: prefix,
    description: asked,
    tooltip: tooltipTable(prefix, description === undefined ? [] : [[t("Description"), description]], [
      t(
        "The files of {0} declare this registry secret, and there is none of that name. A click makes it.",
        project.name,
      ),
    ]),
    icon: "add",
    accessibilityLabel: `${prefix}, ${asked}`,
    context: "declared",
    subject: { kind: "secrets", scope: "project", project: project.key, name: nameFor(prefix) },
    click: "new-secret",
  };
}

function group({
  rows,
  placeholder,
  ...row
}: Pick<ViewRow, "id" | "label" | "icon" | "subject"> & {
  readonly description?: string;
  readonly tooltip: string;
  readonly placeholder: string;
  readonly rows: readonly ViewRow[];
}): ViewRow {
  const scope = row.subject.kind === "secrets" ? row.subject.scope : "";
  const name = row.description === undefined ? row.label : `${row.label} ${row.description}`;
  const none: ViewRow = {
    id: `empty:${row.id}`,
    label: "",
    description: placeholder,
    accessibilityLabel: placeholder,
    context: "empty",
    subject: row.subject,
    click: "new-secret",
  };
  const isCrowded = rows.length > MANY;
  const facts = [
    ...(row.description === undefined ? [] : [row.description]),
    ...(isCrowded ? [t("{0} secrets", rows.length)] : []),
  ];
  return {
    ...row,
    ...(facts.length > 0 ? { description: facts.join(" · ") } : {}),
    accessibilityLabel: `${name}: ${rows.length === 0 ? placeholder : String(rows.length)}`,
    context: `group;${scope}`,
    children: rows.length === 0 ? [none] : isCrowded ? [...rows].sort(byAttention) : rows,
    isOpen: !isCrowded,
  };
}

/** Those first that need the person. */
function byAttention(a: ViewRow, b: ViewRow): number {
  return Number(b.attention !== undefined) - Number(a.attention !== undefined);
}

/** One secret: everything but the password. */
function secretRow(secret: RegistrySecret, effective: EffectiveSecret | undefined, now: number): ViewRow {
  const host = hostLabel(secret.host);
  const username = usernameOf(secret.credential);
  const winner = effective?.secret.id === secret.id ? undefined : effective?.secret;
  const expiry = expiryOf(secret.credential);
  const endsSoon = expiry !== undefined && expiry.at - now < SOON;
  const facts = [
    ...(expiry ? [expiryText(expiry.at, now)] : []),
    ...(winner ? [t("overridden by {0}", winner.name)] : []),
  ];
  const state = winner
    ? { icon: "circle-slash" }
    : endsSoon
      ? { icon: "warning", color: "list.warningForeground" as const }
      : { icon: secret.credential.kind === "runner-native" ? "cloud" : "key" };
  return {
    id: secret.id,
    label: secret.name,
    description: [host, username, ...facts].join(" · "),
    tooltip: tooltipTable(
      secret.name,
      [
        [t("Registry"), secret.host.key],
        [t("Username"), username],
        [t("Created"), { moment: secret.createdAt }],
        [t("Updated"), { moment: secret.updatedAt }],
        ...(expiry ? [[t("Expires"), { moment: expiry.at }] as const] : []),
      ],
      [
        ...(winner ? [instead(winner)] : []),
        ...(secret.credential.kind === "runner-native"
          ? [
              t(
                "The identity of this machine logs in, and nothing is stored. Inside environments sign in with the cloud's own means (OIDC, aws, gcloud, az), or turn on the setting registrySecrets.deliverNativeTokens.",
              ),
            ]
          : []),
      ],
    ),
    ...state,
    accessibilityLabel: [t("Secret {0} for {1}, username {2}", secret.name, host, username), ...facts].join(", "),
    context: secret.scope === "organization" ? "secret;organization" : "secret;editable",
    subject: { kind: "secret", id: secret.id },
    ...(expiry && expiry.at <= now && !winner ? { attention: t("{0} has expired", secret.name) } : {}),
  };
}

function instead({ scope, name }: RegistrySecret): string {
  switch (scope) {
    case "user":
      return t("The user secret {0} is used for this registry instead.", name);
    case "project":
      return t("The project secret {0} is used for this registry instead.", name);
    case "organization":
      return t("The organization secret {0} is used for this registry instead.", name);
  }
}

const DOCKER_HUB = "Docker Hub";

/** The registry as people call it: "Docker Hub" for its long key, the host for every other. */
export function hostLabel(host: RegistryHost): string {
  return host.key === DOCKER_HUB_KEY ? DOCKER_HUB : host.key;
}
