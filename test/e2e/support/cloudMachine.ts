import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeAuthority, type Certificate } from "../../../scripts/testbed/certificates";
import { triplet } from "../../../scripts/testbed/cli";
import { ACCOUNT, AWS_KEYS, Clouds } from "../../../scripts/testbed/clouds";
import { temporaryFolder } from "../../../scripts/testbed/folders";
import { startMappingProxy } from "../../../scripts/testbed/forwardProxy";
import { serveStandIns } from "../../../scripts/testbed/standInServer";
import type { Variables, World } from "./world";

/** A machine from which the names of the clouds lead to stand-ins, and nothing else leads anywhere. */
export interface CloudMachine {
  readonly clouds: Clouds;
  /** For further servers that are to be found under those names. */
  readonly certificate: Certificate;
  /** What the proxy, the only way out, was asked for: `name:port`, in order. */
  readonly asked: string[];
  /** The way out, and whom to believe. */
  readonly wayOut: Readonly<Record<string, string>>;
  /** The whole environment of a person with this home, whose machine is no instance of any cloud. */
  variables(home: string): Readonly<Record<string, string>>;
  /** Forgets what was asked and which faults there were. */
  reset(): void;
  stop(): Promise<void>;
}

/** @param portOf where a name leads instead of to its stand-in, if anywhere */
export async function startCloudMachine(
  portOf: (host: string) => number | undefined = () => undefined,
): Promise<CloudMachine> {
  const clouds = new Clouds();
  const folder = temporaryFolder("clouds");
  const authority = await makeAuthority(folder, "Clouds");
  const certificate = await authority.issue(clouds.names);
  const standIns = await serveStandIns(clouds.standIns, certificate);
  const proxy = await startMappingProxy((host) =>
    clouds.names.includes(host) ? (portOf(host) ?? standIns.port) : undefined,
  );
  const wayOut = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    SSL_CERT_FILE: authority.certificateFile,
  };
  return {
    clouds,
    certificate,
    asked: proxy.asked,
    wayOut,
    variables: (home) => ({
      ...wayOut,
      AWS_EC2_METADATA_DISABLED: "true",
      METADATA_SERVER_DETECTION: "none",
      AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:1", // in place of Azure's metadata: nobody is there
      AWS_CONFIG_FILE: join(home, ".aws/config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws/credentials"),
    }),
    reset: () => {
      clouds.reset();
      proxy.asked.length = 0;
    },
    stop: async () => {
      await proxy.stop();
      await standIns.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `diagnose --json` says of an image. */
export interface Found {
  readonly code: string;
  readonly detail?: string;
  readonly credential: { readonly trouble?: { readonly cause: string; readonly detail: string } };
}

/** The secret for a registry, as the command line takes it; runner-native, if not told otherwise. */
export function nativeSecret(host: string, user = "runner-native", password = "runner-native"): Variables {
  return triplet(host, user, password, "X");
}

/** Diagnoses `HOST/acme/app:1` with the shipped command line; nothing secret may be in what it prints. */
export async function diagnoseNative(
  machine: CloudMachine,
  world: World,
  host: string,
  variables: Variables,
  secret = nativeSecret(host),
): Promise<Found> {
  world.write(join(world.workspace, ".devcontainer/devcontainer.json"), { image: `${host}/acme/app:1` });
  const given = { ...machine.variables(world.home), ...secret, ...variables };
  const { stdout, stderr } = await world.cli(["diagnose", world.workspace, "--json"], given);
  for (const text of [stdout, stderr]) {
    assert.doesNotMatch(text, /ecr-token-|ya29\.|not-a-secret-aws-key|eyJ/, "a token or key was printed");
  }
  assert.doesNotMatch(stderr, /warn/i, "a library's warning was printed");
  const { findings } = JSON.parse(stdout) as { findings: Found[] };
  assert.ok(findings[0], stderr);
  return findings[0];
}

export const AWS_BY_VARIABLES: Variables = {
  AWS_ACCESS_KEY_ID: AWS_KEYS.id,
  AWS_SECRET_ACCESS_KEY: AWS_KEYS.secret,
};

export const SSO_PROFILE = `[profile dev]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = ${ACCOUNT}\nsso_role_name = Dev\n`;

/** The profile `dev` with a session of its own name, which can be renewed, and that session. */
export const SESSION_PROFILE = `[profile dev]\nsso_session = acme\nsso_account_id = ${ACCOUNT}\nsso_role_name = Dev\n`;
export const SESSION = "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n";

/** Writes AWS's config file with the profile `dev`, and gives what chooses it. */
export function awsProfile(home: string, text: string): Variables {
  write(join(home, ".aws/config"), text);
  return { AWS_PROFILE: "dev" };
}

/** A person who has signed in by `aws sso login` with the profile `dev`, until then (milliseconds since the epoch). */
export function signedInBySso(home: string, expiresAt: number): Variables {
  const startUrl = "https://acme.awsapps.com/start";
  cacheSession(home, startUrl, expiresAt, { region: "us-east-1", startUrl });
  return awsProfile(home, SSO_PROFILE);
}

/** A person who has signed in to the session `acme`, until then; it could be renewed after that. */
export function signedInToSession(home: string, expiresAt: number): void {
  const client = { clientId: "c", clientSecret: "s", registrationExpiresAt: new Date(8e12).toISOString() };
  cacheSession(home, "acme", expiresAt, { refreshToken: "r", ...client });
}

/** The SDKs name the file of a session by the SHA-1 of its name, or of its start URL. */
function cacheSession(home: string, name: string, expiresAt: number, more: object): void {
  const file = join(home, `.aws/sso/cache/${createHash("sha1").update(name).digest("hex")}.json`);
  write(file, JSON.stringify({ accessToken: "sso-session", expiresAt: new Date(expiresAt).toISOString(), ...more }));
}

/** The key file of a service account of Google. */
export function googleKeyFile(): object {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    type: "service_account",
    project_id: "my-project",
    client_email: "puller@my-project.iam.gserviceaccount.com",
    private_key: privateKey,
    private_key_id: "k",
  };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
