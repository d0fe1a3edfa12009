import { createPrivateKey, randomBytes, randomUUID, sign, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { listen } from "./loopback";
import { runOrThrow } from "./run";

export interface RegistryUser {
  name: string;
  password: string;
  /** Repositories that the user may pull from; all if absent. Only token authentication knows of rights. */
  pull?: readonly string[];
  /** Repositories that the user may push to; all if absent. */
  push?: readonly string[];
}

export interface TokenServerOptions {
  /** Folder for the key and the certificate. */
  folder: string;
  /** Read anew at every request, so that passwords and rights may change. */
  users: readonly RegistryUser[];
  public?: readonly string[] | undefined;
  refreshTokens?: boolean | undefined;
}

export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  readonly certificateFile: string;
  log(): string;
  stop(): Promise<void>;
}

interface Access {
  type: string;
  name: string;
  actions: string[];
}

interface TokenRequest {
  user: RegistryUser | "anonymous" | "refused";
  scopes: string[];
  wantsRefreshToken: boolean;
}

/**
 * Starts a token server as the Distribution project describes it: GET with Basic (spec/auth/token.md) and POST with a
 * password or a refresh token (spec/auth/oauth.md). Rights that a user lacks are left out of the token, not refused.
 */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const service = "testbed-registry";
  const issuer = "testbed-tokens";
  const certificateFile = join(options.folder, "token.crt");
  const keyFile = join(options.folder, "token.key");
  const subject = ["-subj", `/CN=${issuer}`, "-days", "2", "-nodes"];
  const files = ["-newkey", "rsa:2048", "-keyout", keyFile, "-out", certificateFile];
  await runOrThrow("openssl", ["req", "-x509", ...subject, ...files]);
  const key = createPrivateKey(readFileSync(keyFile));
  const certificate = new X509Certificate(readFileSync(certificateFile)).raw.toString("base64");

  /** Refresh token → the user and the password with which it was got: a new password ends it. */
  const refreshTokens = new Map<string, { name: string; password: string }>();
  const lines: string[] = [];

  const withPassword = (name: string, password: string) =>
    options.users.find((user) => user.name === name && user.password === password) ?? "refused";
  const withRefreshToken = (token: string) => {
    const known = refreshTokens.get(token);
    return known === undefined ? "refused" : withPassword(known.name, known.password);
  };

  const readRequest = async (request: IncomingMessage, url: URL): Promise<TokenRequest> => {
    if (request.method === "POST") {
      const form = new URLSearchParams(await text(request));
      const field = (name: string) => form.get(name) ?? "";
      return {
        user:
          field("grant_type") === "refresh_token"
            ? withRefreshToken(field("refresh_token"))
            : withPassword(field("username"), field("password")),
        scopes: form.getAll("scope"),
        wantsRefreshToken: field("access_type") === "offline",
      };
    }
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const [, name = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic ?? "", "base64").toString()) ?? [];
    return {
      user: basic === undefined ? "anonymous" : withPassword(name, password),
      scopes: url.searchParams.getAll("scope"),
      wantsRefreshToken: url.searchParams.get("offline_token") === "true",
    };
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const handle = async () => {
      const { user, scopes, wantsRefreshToken } = await readRequest(request, url);
      const who = typeof user === "string" ? user : user.name;
      lines.push(`token: ${request.method ?? ""} by ${who} for ${scopes.join(" ") || "nothing"}`);
      if (user === "refused") {
        answer(401, { errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }] });
        return;
      }
      const access = scopes.flatMap((scope) => scope.split(" ")).flatMap((scope) => grant(scope, user, options.public));
      const claims = { iss: issuer, sub: user === "anonymous" ? "" : user.name, aud: service, access };
      const token = signed(claims, key, certificate);
      const refresh = options.refreshTokens === true && wantsRefreshToken && user !== "anonymous";
      const refreshToken = refresh ? randomBytes(24).toString("base64url") : undefined;
      if (refreshToken !== undefined && user !== "anonymous") {
        refreshTokens.set(refreshToken, { name: user.name, password: user.password });
      }
      answer(200, { token, access_token: token, expires_in: 300, refresh_token: refreshToken });
    };
    handle().catch((error: unknown) => answer(500, { errors: [{ code: "UNKNOWN", message: String(error) }] }));
  });
  const listening = await listen(server);
  return {
    realm: `http://localhost:${listening.port}/token`,
    service,
    issuer,
    certificateFile,
    log: () => lines.map((line) => `${line}\n`).join(""),
    stop: listening.stop,
  };
}

/** What of a scope such as `repository:acme/app:pull,push` the user gets. */
function grant(scope: string, user: RegistryUser | "anonymous", open: readonly string[] = []): Access[] {
  const match = /^([^:]+):(.+):([^:]*)$/.exec(scope);
  if (match === null) return [];
  const [, type = "", name = "", asked = ""] = match;
  const may = (action: string) => {
    if (action === "pull" && open.includes(name)) return true;
    if (user === "anonymous") return false;
    const allowed = action === "pull" ? user.pull : user.push;
    return allowed === undefined || allowed.includes(name);
  };
  const actions = asked.split(",").filter(may);
  return actions.length > 0 ? [{ type, name, actions }] : [];
}

/** A JSON Web Token (RFC 7519) signed with RS256, its certificate in the header, as Distribution checks it. */
function signed(claims: object, key: KeyObject, certificate: string): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: "JWT", alg: "RS256", x5c: [certificate] };
  const payload = { ...claims, iat: now, nbf: now - 10, exp: now + 300, jti: randomUUID() };
  const content = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${content}.${sign("RSA-SHA256", Buffer.from(content), key).toString("base64url")}`;
}
