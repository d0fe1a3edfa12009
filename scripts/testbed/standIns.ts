// Stand-ins for well-known registries: each answers as that registry answers. The rows are those of section 3 of the
// project's research (peers.md), which name the threads and sources where the texts were seen.

/** One request as a stand-in sees it. */
export interface Ask {
  readonly method: string;
  readonly host: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Say {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown;
}

export interface StandIn {
  readonly hosts: readonly string[];
  answer(ask: Ask): Say | Promise<Say>;
}

/** Everywhere there: `…/open` is public, `…/app` belongs to alice, `…/theirs` to nobody here; tags 1, 1.1, latest. */
export const TAGS = ["1", "1.1", "latest"];
export const ALICE = { username: "alice", password: "a-good-token" };
/** Known, and without any right. */
export const BOB = { username: "bob", password: "a-good-token" };
export const WRONG = { username: "alice", password: "a-wrong-token" };
/** What every image there is made for. */
export const PLATFORMS = ["linux/amd64", "linux/arm64/v8"];

type Who = "anonymous" | "alice" | "bob" | "refused";

interface Login {
  readonly who: Who;
  readonly username: string;
  readonly password: string;
}

const error = (status: number, code: string, message: string, headers: Record<string, string> = {}): Say => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: { errors: [{ code, message }] },
});

/** https://hub.docker.com */
export const dockerHub: StandIn = bearer({
  hosts: ["registry-1.docker.io", "auth.docker.io"],
  realm: () => "https://auth.docker.io/token",
  service: () => "registry.docker.io",
  login: ({ who, username }) => {
    if (username === "no-token-yet") return details("please use personal access token to login"); // row 6
    if (username === "locked")
      return error(429, "TOOMANYREQUESTS", "too many failed login attempts for username or IP address"); // row 12
    return who === "refused" ? details("incorrect username or password") : undefined; // rows 4 and 5
  },
  grant: () => undefined, // a token is always issued; what it lacks shows at the registry (row 3)
  refuse: (challenge) =>
    error(401, "UNAUTHORIZED", "authentication required", {
      "www-authenticate": `${challenge},error="insufficient_scope"`,
    }),
  special: ({ url }) =>
    url.pathname.startsWith("/v2/acme/busy/")
      ? error(
          429,
          "TOOMANYREQUESTS",
          "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
          { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600", "retry-after": "3600" },
        ) // row 11
      : undefined,
  hidesUnknown: true, // row 1
  headers: {
    "ratelimit-limit": "100;w=21600",
    "ratelimit-remaining": "76;w=21600",
    "docker-ratelimit-source": "192.0.2.1",
  },
});

function details(text: string): Say {
  return { status: 401, headers: { "content-type": "application/json" }, body: { details: text } };
}

/** https://ghcr.io */
export const ghcr: StandIn = bearer({
  hosts: ["ghcr.io"],
  realm: () => "https://ghcr.io/token",
  service: () => "ghcr.io",
  login: ({ who }) => (who === "refused" ? error(403, "DENIED", "denied") : undefined), // rows 16, 23 and 27
  grant: ({ who }, repository) =>
    who === "anonymous" && repository !== "open" ? error(401, "UNAUTHORIZED", "authentication required") : undefined, // row 24
  refuse: (_, { username }) => error(403, "DENIED", GHCR_TEXTS[username] ?? "permission_denied: read_package"), // row 18
  others: ["no-sso", "no-scope"],
  tokenHeaders: { "github-authentication-token-expiration": "2031-05-06 07:08:09 UTC" },
});

const GHCR_TEXTS: Readonly<Record<string, string>> = {
  "no-sso":
    "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.", // row 22
  "no-scope": "permission_denied: The token provided does not match expected scopes.", // row 21
};

/** https://gitlab.com */
export const gitlab: StandIn = bearer({
  hosts: ["registry.gitlab.com", "gitlab.com"],
  realm: () => "https://gitlab.com/jwt/auth",
  service: () => "container_registry",
  login: ({ who }) =>
    who === "refused"
      ? error(
          401,
          "UNAUTHORIZED",
          "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped.",
        ) // row 30
      : undefined,
  grant: ({ who }, repository) => (mayPull(who, repository) ? undefined : error(403, "DENIED", "access forbidden")), // rows 29 and 33
  refuse: (challenge) => error(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge }),
});

/** Azure Container Registry */
export const acr: StandIn = bearer({
  hosts: ["acme.azurecr.io", "walled.azurecr.io"],
  realm: (host) => `https://${host}/oauth2/token`,
  service: (host) => host,
  login: ({ who, username }) => {
    if (username === "not-a-guid")
      return error(401, "UNAUTHORIZED", "aad access token with sp failed client id must be guid"); // row 36
    if (who === "refused") return error(401, "UNAUTHORIZED", "Invalid clientid or client secret."); // row 35
    return who === "anonymous" ? error(401, "UNAUTHORIZED", ACR_ANONYMOUS) : undefined; // row 34
  },
  grant: () => undefined,
  refuse: (challenge) => error(401, "UNAUTHORIZED", ACR_ANONYMOUS, { "www-authenticate": challenge }),
  special: ({ host }) =>
    host === "walled.azurecr.io"
      ? error(
          403,
          "DENIED",
          "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
        ) // row 38
      : undefined,
});

const ACR_ANONYMOUS = "authentication required, visit https://aka.ms/acr/authorization for more information.";

/** Google Artifact Registry */
export const gar: StandIn = bearer({
  hosts: ["europe-west1-docker.pkg.dev"],
  realm: () => "https://europe-west1-docker.pkg.dev/v2/token",
  service: () => "europe-west1-docker.pkg.dev",
  login: ({ who }) => (who === "refused" ? error(401, "UNAUTHORIZED", "failed authentication") : undefined), // row 44
  grant: ({ who }, repository) => {
    if (mayPull(who, repository)) return undefined;
    const right = '"artifactregistry.repositories.downloadArtifacts"';
    const where = `on resource "projects/acme/locations/europe-west1/repositories/${repository}" (or it may not exist)`;
    return who === "anonymous"
      ? error(
          403,
          "DENIED",
          `Unauthenticated request. Unauthenticated requests do not have permission ${right} ${where}`,
        ) // row 43
      : error(403, "DENIED", `Permission ${right} denied ${where}`); // row 42
  },
  refuse: (challenge) => error(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge }),
});

/** Amazon Elastic Container Registry */
export const ecr: StandIn = {
  hosts: ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"],
  answer: (ask) => {
    const { who, username, password } = loginOf(ask, ["no-policy", "no-resource-policy"]);
    const challenge = `Basic realm="https://${ask.host}/",service="ecr.amazonaws.com"`;
    if (who === "anonymous")
      return { status: 401, headers: { "www-authenticate": challenge }, body: "Not Authorized\n" };
    if (password === "a-token-of-yesterday")
      return error(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again."); // row 64
    if (who === "refused") return error(400, "DENIED", "Your Authorization Token is invalid."); // apple/container#847
    if (username === "no-policy" || username === "no-resource-policy") {
      const kind = username === "no-policy" ? "identity-based" : "resource-based"; // rows 67 and 68
      return error(
        403,
        "DENIED",
        `User: arn:aws:sts::123456789012:assumed-role/dev/i is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-central-1:123456789012:repository/acme/app because no ${kind} policy allows the ecr:BatchGetImage action`,
      );
    }
    const { repository, kind, name } = pathOf(ask.url);
    if (repository === undefined) return { status: 200, body: {} };
    if (repository === "nothing") {
      const text = `The repository with name 'acme/nothing' does not exist in the registry with id '123456789012'`; // row 70
      return error(404, "NAME_UNKNOWN", text);
    }
    return content(kind, name, "Requested image not found");
  },
};

interface Style {
  readonly hosts: readonly string[];
  realm(host: string): string;
  service(host: string): string;
  /** What the token server answers instead of a token because of the login. */
  login(login: Login): Say | undefined;
  /** The same because of the repository. */
  grant(login: Login, repository: string): Say | undefined;
  /** What the registry answers to a token without the right. */
  refuse(challenge: string, login: Login): Say;
  /** What comes before everything else. */
  special?(ask: Ask): Say | undefined;
  /** Further names that log in, and may pull nothing. */
  readonly others?: readonly string[];
  /** An unknown repository is answered like one without the right. */
  readonly hidesUnknown?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenHeaders?: Readonly<Record<string, string>>;
}

function bearer(style: Style): StandIn {
  const { hosts } = style;
  return {
    hosts,
    answer: (ask) => {
      const special = style.special?.(ask);
      if (special) return special;
      const realm = new URL(style.realm(ask.host));
      if (ask.host === realm.host && ask.url.pathname === realm.pathname) return issue(style, ask);
      const { repository, full = "", kind, name } = pathOf(ask.url);
      const scope = repository === undefined ? "" : `,scope="repository:${full}:pull"`;
      const challenge = `Bearer realm="${realm.href}",service="${style.service(ask.host)}"${scope}`;
      const token = /^Bearer token-of-(.*)-for-(.*)$/.exec(ask.headers["authorization"] ?? "");
      const headers = { "www-authenticate": challenge };
      if (token === null) return error(401, "UNAUTHORIZED", "authentication required", headers);
      const [, username = "", scopes = ""] = token;
      const who = username === "alice" || username === "bob" || username === "anonymous" ? username : "bob";
      const isFor = scopes.split(" ").includes(`repository:${full}:pull`);
      if (repository === undefined) return { status: 200, body: {} };
      const isThere = repository !== "nothing";
      const mayLook = mayPull(who, repository) || (!isThere && who !== "anonymous" && style.hidesUnknown !== true);
      if (!isFor || !mayLook) return style.refuse(challenge, { who, username, password: "" });
      if (!isThere) return error(404, "NAME_UNKNOWN", "repository name not known to registry"); // row 26
      const said = content(kind, name, "manifest unknown"); // row 13
      return { ...said, headers: { ...said.headers, ...style.headers } };
    },
  };
}

/** The token server: GET with Basic, or POST with a refresh token. */
function issue(style: Style, ask: Ask): Say {
  const form = new URLSearchParams(ask.body);
  const refresh = form.get("refresh_token");
  const login: Login =
    refresh === null
      ? loginOf(ask, style.others)
      : { who: refresh === "refresh-of-alice" ? "alice" : "refused", username: "alice", password: "" };
  const scopes = [...ask.url.searchParams.getAll("scope"), ...(form.get("scope") ?? "").split(" ")].filter(Boolean);
  const repository = /^repository:(?:.*\/)?([^/:]+):/.exec(scopes[0] ?? "")?.[1] ?? "";
  const refusal = style.login(login) ?? style.grant(login, repository);
  if (refusal) return refusal;
  const token = `token-of-${login.who === "anonymous" ? "anonymous" : login.username}-for-${scopes.join(" ")}`;
  const headers = login.who === "anonymous" ? {} : style.tokenHeaders;
  const name = refresh === null ? "token" : "access_token";
  return { status: 200, headers: { "content-type": "application/json", ...headers }, body: { [name]: token } };
}

function loginOf(ask: Ask, others: readonly string[] = []): Login {
  const [, encoded] = /^Basic (.+)$/.exec(ask.headers["authorization"] ?? "") ?? [];
  if (encoded === undefined) return { who: "anonymous", username: "", password: "" };
  const [, username = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  if (password !== ALICE.password) return { who: "refused", username, password };
  if (username === "alice") return { who: "alice", username, password };
  return { who: username === "bob" || others.includes(username) ? "bob" : "refused", username, password };
}

function mayPull(who: Who, repository: string): boolean {
  if (repository === "nothing") return false;
  return repository === "open" || (who === "alice" && repository !== "theirs");
}

function pathOf(url: URL): { repository?: string; full?: string; kind?: string; name?: string } {
  const [, full, repository, kind, name] =
    /^\/v2\/((?:[^/]+\/)*?([^/]+))\/(manifests|tags)\/([^/]+)$/.exec(url.pathname) ?? [];
  return repository === undefined || full === undefined || kind === undefined || name === undefined
    ? {}
    : { repository, full, kind, name };
}

function content(kind: string | undefined, name: string | undefined, unknown: string): Say {
  if (kind === "tags") return { status: 200, body: { name: "acme", tags: TAGS } };
  if (!TAGS.includes(name ?? "")) return error(404, "MANIFEST_UNKNOWN", unknown);
  const platform = (os: string, architecture: string, variant?: string) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${"0".repeat(64)}`,
    size: 500,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
  });
  const manifests = [platform("linux", "amd64"), platform("linux", "arm64", "v8"), platform("unknown", "unknown")];
  const mediaType = "application/vnd.oci.image.index.v1+json";
  return { status: 200, headers: { "content-type": mediaType }, body: { schemaVersion: 2, mediaType, manifests } };
}
