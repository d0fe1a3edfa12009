import { isTrouble } from "../domain/diagnosis/finding";
import type { ImageInUse, RegistryAccess, RegistryInUse } from "../domain/diagnosis/registriesInUse";
import { baseOf } from "../domain/image/paths";
import type { WorkspaceProblem } from "../domain/image/problems";
import type { WorkspaceImage } from "../domain/image/workspaceImages";
import type { RegistrySecret } from "../domain/secret/secret";
import { findingText, relativeTo } from "./findingText";
import { findingWord } from "./marks";
import { tooltipTable } from "./markdown";
import { problemText } from "./problemText";
import { hostLabel } from "./secretRows";
import type { ViewRow } from "./viewRows";
import { t } from "./words";

/** What stands in the way of reading a file of a configuration, and the folder that it belongs to. */
export interface ProblemInUse {
  readonly folder: string;
  readonly problem: WorkspaceProblem;
}

/**
 * The group *Registries in use*: what the workspace's files name, each with the secret that counts for it, or "anonymous",
 * or "no secret" and what to do; before them what could not be read, since its images are not among them. `folders` is how
 * many folders are open: with several, each row says which it is about.
 */
export function registryGroup(
  registries: readonly RegistryInUse[],
  problems: readonly ProblemInUse[],
  folders: number,
): ViewRow {
  return {
    id: "group:registries",
    label: t("Registries in Use"),
    tooltip: t("What the dev container files of this workspace name, and the secret that counts for each."),
    icon: "references",
    accessibilityLabel: t("Registries in use: {0}", registries.length),
    context: "group;registries",
    subject: { kind: "nothing" },
    children: [
      ...problemRows(problems, folders > 1),
      ...registries.map((registry) => registryRow(registry, folders > 1)),
    ],
    isOpen: true,
  };
}

/** One file may be part of two configurations. */
function problemRows(problems: readonly ProblemInUse[], isOneOfSeveral: boolean): ViewRow[] {
  const rows = problems.map(({ folder, problem }): ViewRow => {
    const { place, text } = problemText(folder, problem);
    const label = isOneOfSeveral && !place.startsWith("/") ? `${baseOf(folder)}/${place}` : place;
    const { file, range = { start: 0, end: 0 } } = problem;
    return {
      id: `problem:${file}:${range.start}:${problem.message}`,
      label,
      description: text,
      tooltip: tooltipTable(label, [], [text]),
      icon: "warning",
      color: "list.warningForeground",
      accessibilityLabel: `${label}: ${text}`,
      context: "problem",
      subject: { kind: "image", file, range },
      click: "open-image",
    };
  });
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

function registryRow({ host, project, access, images }: RegistryInUse, isOneOfSeveral: boolean): ViewRow {
  const label = hostLabel(host);
  const trouble = images.map(({ finding }) => finding).find((finding) => finding !== undefined && isTrouble(finding));
  const places = unique(images);
  const count = places.length === 1 ? t("1 image") : t("{0} images", places.length);
  const folders = [...new Set(places.map(({ folder }) => folder))];
  const parts = [
    ...(trouble ? [findingWord(trouble.code), accessWord(access)] : [accessWord(access), count]),
    ...(isOneOfSeveral ? [folders.map(baseOf).join(", ")] : []),
  ];
  const id = `registry:${project}:${host.key}`;
  return {
    id,
    label,
    description: parts.join(" · "),
    tooltip: tooltipTable(
      label,
      [
        [t("Registry"), host.key],
        [t("Credential"), accessSentence(access)],
        [t("Images"), places.map(({ image }) => image.text).join(", ")],
      ],
      trouble ? [findingText(trouble).title] : access.kind === "no-secret" ? [mayNeedOne()] : [],
    ),
    ...(trouble ? { icon: "error", color: "list.errorForeground" as const } : iconOf(access)),
    accessibilityLabel: t("Registry {0}: {1}", label, parts.join(", ")),
    context: `registry;${access.kind}`,
    subject: {
      kind: "registry",
      host,
      project,
      ...(access.kind === "secret" ? { secretId: access.secret.id } : {}),
      images: places.map(({ image: { file, range } }) => ({ file, range })),
    },
    children: [
      ...(access.kind === "no-secret"
        ? [
            {
              id: `${id}:new`,
              label: t("New Secret…"),
              icon: "add",
              tooltip: mayNeedOne(),
              accessibilityLabel: t("New secret for {0}", label),
              context: "new-secret",
              subject: { kind: "registry", host, project, images: [] } as const,
              click: "new-secret" as const,
            },
          ]
        : []),
      ...places.map((use) => imageRow(id, use, folders.length > 1)),
    ],
    isOpen: trouble !== undefined || access.kind === "no-secret",
    ...(trouble ? { attention: findingText(trouble).title } : {}),
  };
}

function imageRow(parent: string, { image, folder, finding }: ImageInUse, isOneOfSeveral: boolean): ViewRow {
  const inFolder = relativeTo(folder, image.file);
  const file = isOneOfSeveral && inFolder !== image.file ? `${baseOf(folder)}/${inFolder}` : inFolder;
  const state = finding ? findingWord(finding.code) : undefined;
  return {
    id: `${parent}:${image.file}:${image.range.start}:${image.text}`,
    label: withoutHost(image),
    description: [...(state === undefined ? [] : [state]), file].join(" · "),
    tooltip: tooltipTable(
      image.text,
      [
        [t("File"), file],
        [t("Named as"), image.role],
        ...(image.dependencyOf === undefined ? [] : [[t("Needed by"), image.dependencyOf] as const]),
      ],
      finding ? [findingText(finding).title] : [],
    ),
    ...(finding === undefined
      ? { icon: "package" }
      : isTrouble(finding)
        ? { icon: "error", color: "list.errorForeground" as const }
        : { icon: "pass", color: "testing.iconPassed" as const }),
    accessibilityLabel: [t("Image {0} in {1}", image.text, file), ...(state === undefined ? [] : [state])].join(", "),
    context: "image",
    subject: { kind: "image", file: image.file, range: image.range },
    click: "open-image",
  };
}

function accessWord(access: RegistryAccess): string {
  switch (access.kind) {
    case "secret":
      return access.secret.name;
    case "anonymous":
      return t("anonymous");
    case "docker-login":
      return t("Docker's own login");
    case "no-secret":
      return t("no secret");
  }
}

function accessSentence(access: RegistryAccess): string {
  switch (access.kind) {
    case "secret":
      return secretPhrase(access.secret);
    case "anonymous":
      return t("none is needed: the images are public");
    case "docker-login":
      return t("Docker's own login, as {0}", access.username);
    case "no-secret":
      return t("none");
  }
}

function secretPhrase({ scope, name }: RegistrySecret): string {
  switch (scope) {
    case "user":
      return t("the user secret {0}", name);
    case "project":
      return t("the project secret {0}", name);
    case "organization":
      return t("the organization secret {0}", name);
  }
}

function mayNeedOne(): string {
  return t("A private image needs a secret for this registry. Check Pull tells whether it is private.");
}

function iconOf(access: RegistryAccess): { readonly icon: string } {
  switch (access.kind) {
    case "secret":
      return { icon: access.secret.credential.kind === "runner-native" ? "cloud" : "key" };
    case "anonymous":
      return { icon: "globe" };
    case "docker-login":
      return { icon: "account" };
    case "no-secret":
      return { icon: "unlock" };
  }
}

/** One file may be part of two configurations. */
function unique(images: readonly ImageInUse[]): readonly ImageInUse[] {
  const seen = new Map<string, ImageInUse>();
  for (const use of images) {
    const key = JSON.stringify([use.image.file, use.image.range.start, use.image.text]);
    if (!seen.has(key) || use.finding) seen.set(key, use);
  }
  return [...seen.values()];
}

/** The registry is the row above. */
function withoutHost({ text }: WorkspaceImage): string {
  const [first = "", ...path] = text.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(first) ? path.join("/") : text;
}
