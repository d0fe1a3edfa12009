/** What the variables of a devcontainer.json stand for; what is absent stays unexpanded. */
export interface DevcontainerVariables {
  readonly localEnv?: Readonly<Record<string, string | undefined>>;
  readonly localWorkspaceFolder?: string;
}

/**
 * Expands `${localEnv:X}`, `${localEnv:X:default}`, `${env:…}` (the same), `${localWorkspaceFolder}` and
 * `${localWorkspaceFolderBasename}` as the dev container CLI does (devcontainers/cli
 * src/spec-common/variableSubstitution.ts): a variable of the environment that is not set and has no default becomes
 * empty. `unresolved` lists those, and every placeholder that could not be expanded and stays as it is.
 */
export function expandVariables(
  text: string,
  { localEnv, localWorkspaceFolder }: DevcontainerVariables,
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
      case "localEnv": {
        if (localEnv === undefined || name === undefined) return leave(placeholder);
        const value = Object.hasOwn(localEnv, name) ? localEnv[name] : undefined;
        return value ?? fallback ?? leave(placeholder, "");
      }
      case "localWorkspaceFolder":
        return localWorkspaceFolder ?? leave(placeholder);
      case "localWorkspaceFolderBasename":
        return localWorkspaceFolder?.replace(/[\\/]+$/, "").replace(/^[^]*[\\/]/, "") ?? leave(placeholder);
      default:
        return leave(placeholder);
    }
  });
  return { text: expanded, unresolved };
}

/** The name of what a placeholder stands for: `X` of `${localEnv:X}`, else what is between the braces. */
export function variableName(placeholder: string): string {
  return /^\$\{(?:localEnv|env):([^}:]+)/.exec(placeholder)?.[1] ?? placeholder.slice(2, -1);
}
