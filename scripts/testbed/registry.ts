import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "./certificates";
import { temporaryFolder } from "./folders";
import { runOrThrow } from "./run";
import { startService, untilReady } from "./service";
import { startTokenServer, type RegistryUser, type TokenServer } from "./tokenServer";

export type { RegistryUser } from "./tokenServer";

export interface RegistryOptions {
  /** How it asks who is there: Basic from a password file, Bearer from a token server of our own, or not at all. */
  auth: "htpasswd" | "token" | "none";
  users?: readonly RegistryUser[];
  /** Repositories that anybody may pull without logging in; only with `token`. */
  public?: readonly string[];
  /** Whether a login is answered with a refresh token, which Docker then keeps instead of the password; only with `token`. */
  refreshTokens?: boolean;
  /** Speaks https with this certificate, and wants one of its clients if `clientAuthority`, a file, is given. */
  tls?: { readonly certificate: Certificate; readonly clientAuthority?: string | undefined };
}

export interface Registry {
  /** `localhost:PORT`; Docker speaks plain HTTP to it, or https with any certificate. */
  readonly address: string;
  readonly port: number;
  /** From the next request on only the new password is right. */
  setPassword(user: string, password: string): Promise<void>;
  /** What the registry, and its token server, have written about the requests. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts a real registry, CNCF Distribution from Debian's package docker-registry, on a free port of the loopback
 * interface. Its contents are gone when it stops.
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const folder = temporaryFolder("registry");
  const users = options.users ?? [];
  const passwords = join(folder, "htpasswd");
  let tokens: TokenServer | undefined;
  let auth: Record<string, unknown> = {};
  if (options.auth === "htpasswd") {
    await writePasswords(passwords, users);
    auth = { htpasswd: { realm: "testbed", path: passwords } };
  } else if (options.auth === "token") {
    tokens = await startTokenServer({ folder, users, public: options.public, refreshTokens: options.refreshTokens });
    const { realm, service, issuer, certificateFile: rootcertbundle } = tokens;
    auth = { token: { realm, service, issuer, rootcertbundle } };
  }
  // YAML includes JSON.
  const configuration = JSON.stringify({
    version: "0.1",
    log: { level: "info", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0", ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls) }) },
    ...(options.auth === "none" ? {} : { auth }),
  });
  writeFileSync(join(folder, "config.yml"), configuration);

  const service = await startService({
    command: "docker-registry",
    arguments: ["serve", join(folder, "config.yml")],
    logFile: join(folder, "registry.log"),
  });
  const port = await untilReady("docker-registry", service, () => LISTENING.exec(service.output())?.[1], 20_000);
  return {
    address: `localhost:${port}`,
    port: Number(port),
    setPassword: async (name, password) => {
      const user = users.find((candidate) => candidate.name === name);
      if (user === undefined) throw new Error(`The registry has no user ${name}.`);
      user.password = password;
      if (options.auth === "htpasswd") await writePasswords(passwords, users);
    },
    log: () => service.output() + (tokens?.log() ?? ""),
    stop: async () => {
      await service.stop();
      await tokens?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tlsOf({ certificate, clientAuthority }: NonNullable<RegistryOptions["tls"]>) {
  const { certificateFile, keyFile } = certificate;
  const clients = clientAuthority === undefined ? {} : { clientcas: [clientAuthority] };
  return { certificate: certificateFile, key: keyFile, ...clients };
}

const LISTENING = /listening on \S*?:(\d+)/;

/**
 * Distribution reads the file again when its modification time has become later (registry/auth/htpasswd/access.go), so
 * it must be later even where the file system's clock is coarse.
 */
async function writePasswords(file: string, users: readonly RegistryUser[]): Promise<void> {
  const lines = [];
  for (const user of users) lines.push(await runOrThrow("htpasswd", ["-niB", user.name], { input: user.password }));
  const before = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const next = `${file}.next`;
  writeFileSync(next, lines.map((line) => line.trim()).join("\n") + "\n", { mode: 0o600 });
  if (statSync(next).mtimeMs <= before + 10) utimesSync(next, new Date(), new Date(before + 1000));
  renameSync(next, file);
}
