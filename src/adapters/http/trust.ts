import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";

/** Which certificates are believed, and which are shown. */
export interface Trust {
  /**
   * Node's authorities, the system's, and those of Docker's `certs.d` for this registry, with the client certificate
   * there. `registry` is host, with port if not the default.
   * Throws an Error where a client certificate cannot be used.
   */
  contextFor(registry: string): Promise<tls.SecureContext>;
}

/** Where distributions keep the system's authorities; the first that is there counts (Go, crypto/x509/root_linux.go). */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Trust as this machine has it. Files are read when first needed; `folders` are those of `certs.d`, for tests. */
export function systemTrust(env: NodeJS.ProcessEnv, folders: readonly string[] = certsFolders(env)): Trust {
  let authorities: Promise<string[]> | undefined;
  let common: Promise<tls.SecureContext> | undefined;
  const contexts = new Map<string, Promise<tls.SecureContext>>();

  async function make(registry: string): Promise<tls.SecureContext> {
    const known = await (authorities ??= commonAuthorities(env));
    const found = (await Promise.all(folders.map((folder) => readCerts(join(folder, folderName(registry)))))).flat();
    const own = found.flatMap(({ authorities: those }) => those);
    const pairs = found.flatMap(({ pairs: those }) => those);
    if (own.length === 0 && pairs.length === 0) {
      return await (common ??= Promise.resolve(tls.createSecureContext({ ca: known })));
    }
    const shown = { cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) };
    return tls.createSecureContext({ ca: [...known, ...own], ...(pairs.length > 0 ? shown : {}) });
  }

  return {
    contextFor(registry) {
      let context = contexts.get(registry);
      if (context === undefined) {
        context = make(registry);
        contexts.set(registry, context);
      }
      return context;
    },
  };
}

/**
 * Docker's folders of certificates by registry: the engine's, those of Docker Desktop and of a rootless engine
 * (moby/moby daemon/pkg/registry/config.go, `CertsDir`; docs.docker.com, "Add TLS certificates").
 */
function certsFolders(env: NodeJS.ProcessEnv): string[] {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? homedir();
  const programData = env["ProgramData"] ?? env["PROGRAMDATA"];
  return [
    process.platform === "win32" && programData !== undefined
      ? join(programData, "docker", "certs.d")
      : "/etc/docker/certs.d",
    join(home, ".docker", "certs.d"),
    join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "docker", "certs.d"),
  ];
}

/** Windows allows no colon in the name of a folder, so Docker leaves it out there (moby, `hostCertsDir`). */
function folderName(registry: string): string {
  return process.platform === "win32" ? registry.replaceAll(":", "") : registry;
}

/** `*.crt` are authorities, `*.cert` with the `*.key` of the same name is a client certificate (moby, `loadTLSConfig`). */
async function readCerts(folder: string) {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  const read = async (name: string) => await readFile(join(folder, name), "utf8").catch(() => "");
  const crt = await Promise.all(names.filter((name) => name.endsWith(".crt")).map(read));
  const certs = names.filter((name) => name.endsWith(".cert") && names.includes(name.replace(/cert$/, "key")));
  const pairs = await Promise.all(
    certs.map(async (name) => ({ cert: await read(name), key: await read(name.replace(/cert$/, "key")) })),
  );
  return { authorities: crt.flatMap(certificatesIn), pairs };
}

async function commonAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const known = new Set(tls.rootCertificates.map(bare));
  const texts = [await systemBundle(env["SSL_CERT_FILE"]), await readText(env["NODE_EXTRA_CA_CERTS"])];
  const more = [...texts.flatMap(certificatesIn), ...systemKeychain()].filter((pem) => {
    const isNew = !known.has(bare(pem));
    known.add(bare(pem));
    return isNew && isReadable(pem);
  });
  return [...tls.rootCertificates, ...more];
}

async function systemBundle(chosen: string | undefined): Promise<string> {
  for (const file of chosen === undefined || chosen === "" ? SYSTEM_BUNDLES : [chosen]) {
    const text = await readText(file);
    if (text !== "") return text;
  }
  return "";
}

/** The keychain of macOS and the store of Windows, where Node can read them (from 22.15 on). */
function systemKeychain(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (kind: "system") => string[] };
  return process.platform === "linux" ? [] : (getCACertificates?.("system") ?? []);
}

function certificatesIn(text: string): string[] {
  return text.match(CERTIFICATE) ?? [];
}

/** One that cannot be read would spoil the others. */
function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function bare(pem: string): string {
  return pem.replace(/\s/g, "");
}

async function readText(file: string | undefined): Promise<string> {
  if (file === undefined || file === "") return "";
  return await readFile(file, "utf8").catch(() => "");
}
