import type { Finding } from "../../src/domain/diagnosis/finding";
import type { Container } from "../../src/domain/environment/container";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { RegistrySecret } from "../../src/domain/secret/secret";

/** A user secret for ghcr.io, changed as told. */
export function aSecret(
  change: Partial<Omit<RegistrySecret, "host" | "credential">> & {
    host?: string;
    username?: string;
    password?: string;
    runnerNative?: boolean;
  } = {},
): RegistrySecret {
  const { host = "ghcr.io", username = "octocat", password = "s3cret-value", runnerNative = false, ...rest } = change;
  return {
    id: "id-1",
    name: "GHCR",
    scope: "user",
    createdAt: 1_000,
    updatedAt: 1_000,
    ...rest,
    host: parseRegistryHost(host),
    credential: runnerNative
      ? { kind: "runner-native" }
      : { kind: "password", username, password: new Redacted(password) },
  };
}

/** A running container that is the dev container of /home/dev/app, changed as told. */
export function aContainer(change: Partial<Container> = {}): Container {
  return {
    id: "c0ffee",
    name: "app",
    running: true,
    startedAt: "2026-01-01T00:00:00Z",
    labels: { "devcontainer.local_folder": "/home/dev/app" },
    imageLabels: {},
    mounts: [{ type: "bind", source: "/home/dev/app", destination: "/workspaces/app" }],
    user: "",
    environment: {},
    ipcMode: "private",
    ...change,
  };
}

/** What is found of an image that can be pulled, changed as told. */
export function aFinding(change: Partial<Finding> = {}): Finding {
  return {
    code: "fine",
    place: { file: "/home/dev/app/.devcontainer/devcontainer.json", role: "image" },
    image: "ghcr.io/acme/app:1",
    registry: "ghcr.io",
    credential: { kind: "none" },
    confidence: "certain",
    remedies: [],
    evidence: [],
    errors: [],
    ...change,
  };
}
