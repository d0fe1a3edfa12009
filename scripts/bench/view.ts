import type { EnvironmentEntry } from "../../src/domain/delivery/environments";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import { environmentGroup } from "../../src/presentation/environmentRows";
import { secretGroups } from "../../src/presentation/secretRows";
import { attentionOf } from "../../src/presentation/viewRows";
import { cpuCost, type Outcome } from "./measure";

const SECRETS = 1_000;
const ENVIRONMENTS = 200;
const LIMIT_MS = 50;
const PROJECTS = ["app", "tool", "site"].map((name) => ({ name, key: `github.com/acme/${name}` }));

/**
 * What making all rows of a full view, and their text to compare with what is shown, costs in CPU time at each refresh: an
 * absolute limit, as no other program is measured.
 */
export function benchView(): Promise<Outcome[]> {
  const secrets = Array.from({ length: SECRETS }, (_, index) => aSecret(index));
  const entries = Array.from({ length: ENVIRONMENTS }, (_, index) => anEnvironment(index));
  const open = { folders: ["/home/dev/app0"], hasConfig: true, isTrusted: true };
  const refresh = () => {
    const now = Date.UTC(2026, 0, 2);
    const rows = [...secretGroups(secrets, PROJECTS, now), environmentGroup({ kind: "known", entries }, open, now)];
    if (JSON.stringify(rows) === "") throw new Error("view: nothing to compare with what is shown");
    const made = attentionOf(rows).length + rows.reduce((sum, { children = [] }) => sum + children.length, 0);
    if (made < SECRETS + ENVIRONMENTS) throw new Error(`view: only ${made} rows were made`);
  };
  const name = `rows of ${SECRETS} secrets and ${ENVIRONMENTS} environments`;
  return Promise.resolve([cpuCost(name, LIMIT_MS, refresh)]);
}

function aSecret(index: number): RegistrySecret {
  const project = PROJECTS[index % PROJECTS.length];
  return {
    id: `secret-${index}`,
    name: `SECRET_${index}`,
    ...(index % 2 === 0 || !project ? { scope: "user" as const } : { scope: "project" as const, project: project.key }),
    host: parseRegistryHost(`registry${index}.example.com`),
    credential: { kind: "password", username: "alice", password: new Redacted(`value-${index}`) },
    createdAt: index,
    updatedAt: index,
  };
}

function anEnvironment(index: number): EnvironmentEntry {
  const folder = `/home/dev/app${index}`;
  const id = index.toString(16).padStart(64, "0");
  return {
    kind: "environment",
    environment: {
      container: {
        id,
        name: `app${index}`,
        running: index % 3 !== 0,
        startedAt: "",
        labels: {},
        imageLabels: {},
        mounts: [],
        user: "",
        environment: {},
        ipcMode: "private",
      },
      folder,
    },
    delivery: { containerId: id, at: index, outcome: "delivered", hosts: ["ghcr.io"], skipped: [], attempts: 0 },
    advice:
      index % 5 === 0
        ? { kind: "recreate", reasons: [{ kind: "secret-created", host: "ghcr.io", secret: "GHCR" }] }
        : { kind: "nothing" },
  };
}
