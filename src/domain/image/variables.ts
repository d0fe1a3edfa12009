/** What the variables of a devcontainer.json stand for; what is absent stays unexpanded. */
export interface DevcontainerVariables {
  readonly localEnv?: Readonly<Record<string, string | undefined>>;
  readonly localWorkspaceFolder?: string;
  readonly containerEnv?: Readonly<Record<string, string | undefined>>;
  readonly containerWorkspaceFolder?: string;
}

/**
 * Expands `${localEnv:X}`, `${localEnv:X:default}`, `${env:…}` (the same), `${containerEnv:…}` and both workspace folders with
 * their `…Basename` as the dev container CLI does (devcontainers/cli src/spec-common/variableSubstitution.ts): a variable
 * of an environment that is not set and has no default becomes empty. `unresolved` lists those, and every placeholder
 * that could not be expanded and stays as it is.
 */
export function expandVariables(
  text: string,
  { localEnv, localWorkspaceFolder, containerEnv, containerWorkspaceFolder }: DevcontainerVariables,
): { text: string; unresolved: string[] } {
  const unresolved: string[] = [];
  const leave = (placeholder: string, instead = placeholder): string => {
    unresolved.push(placeholder);
    return instead;
  };
  const expanded = text.replace(/\$\{([^}]*)\}/g, (placeholder, inner: string) => {
    const [variable = "", name, fallback] = inner.split(":");
    switch (variable) {
      case "env":
      case "localEnv":
      case "containerEnv": {
        const environment = variable === "containerEnv" ? containerEnv : localEnv;
        if (environment === undefined || name === undefined) return leave(placeholder);
        const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
        return value ?? fallback ?? leave(placeholder, "");
      }
      case "localWorkspaceFolder":
        return localWorkspaceFolder ?? leave(placeholder);
      case "localWorkspaceFolderBasename":
        return lastPart(localWorkspaceFolder) ?? leave(placeholder);
      case "containerWorkspaceFolder":
        return containerWorkspaceFolder ?? leave(placeholder);
      case "containerWorkspaceFolderBasename":
        return lastPart(containerWorkspaceFolder) ?? leave(placeholder);
      default:
        return leave(placeholder);
    }
  });
  return { text: expanded, unresolved };
}

function lastPart(folder: string | undefined): string | undefined {
  return folder?.replace(/[\\/]+$/, "").replace(/^[^]*[\\/]/, "");
}

/** The name of what a placeholder stands for: `X` of `${localEnv:X}`, else what is between the braces. */
export function variableName(placeholder: string): string {
  return /^\$\{(?:localEnv|env):([^}:]+)/.exec(placeholder)?.[1] ?? placeholder.slice(2, -1);
}
