import type { Finding, FindingCode, Remedy } from "./finding";

/** A text that a failed pull leaves behind, and what it means. */
export interface ErrorText {
  readonly code: FindingCode;
  /** At least one of these stands in the line, in lower case: the quick test, and what a log is searched for. */
  readonly literals: readonly string[];
  /** What the line must match besides. Its named groups are facts: helper, platform, address, status, retryAfter, detail. */
  readonly pattern?: RegExp;
  /** The recorded text that this row stands for. */
  readonly example: string;
  /** Where it was recorded: a row of test/fixtures/pull-texts.json, a thread, or the source that prints it. */
  readonly source: string;
  readonly confidence: Finding["confidence"];
  /** Whether a credential was sent, where the text tells (by its verb: "anonymous token", "oauth token"). */
  readonly credential?: "none" | "sent";
  /**
   * `hint`: said on the way, and the cause only if nothing else is found. `root`: a warning that explains why no credential
   * was sent later. Otherwise the text is the cause.
   */
  readonly weight?: "hint" | "root";
  /** Any program may say so: counts only in a line that speaks of a pull. */
  readonly onlyOfPulls?: true;
  readonly remedies: readonly Remedy[];
}

/** A pattern at the end of what was said: a log or JSON may close the text around it, and go on with its next field. */
function atEnd(pattern: RegExp): RegExp {
  return new RegExp(String.raw`(?:${pattern.source})(?=["'}\])]{0,4}$|["'}\])]{1,4}(?:,|\s\w{1,40}=))`, pattern.flags);
}

/**
 * The first row that fits a line counts, so what is special stands before what is general. Patterns have no unbounded
 * quantifier but at their end: a hostile line costs no more than its length times a constant.
 */
export const ERROR_TEXTS: readonly ErrorText[] = [
  // --- what is said on the way by the dev container CLI about its own look at the image: docker pull comes after it
  {
    code: "connection-refused",
    literals: ["error fetching image details: connect econnrefused"],
    example: "Error fetching image details: connect ECONNREFUSED 127.0.0.1:9",
    source: "test/fixtures/devcontainers/pull-refused.jsonl",
    confidence: "likely",
    weight: "hint",
    remedies: ["fix-host", "check-network"],
  },
  {
    code: "dns",
    literals: ["error fetching image details: getaddrinfo"],
    example: "Error fetching image details: getaddrinfo ENOTFOUND registry.example.com",
    source: "devcontainers/cli src/spec-node/utils.ts",
    confidence: "likely",
    weight: "hint",
    remedies: ["fix-host", "check-network"],
  },
  {
    code: "unknown",
    literals: ["error fetching image details"],
    example: "Error fetching image details: No manifest found for ghcr.io/acme/app:1.",
    source: "row 84",
    confidence: "likely",
    weight: "hint",
    remedies: ["add-secret", "fix-tag"],
  },

  // --- nothing was asked: the reference itself
  {
    code: "invalid-reference",
    literals: ["invalid reference format"],
    example: "invalid reference format: repository name (Acme/app) must be lowercase",
    source: "row 28",
    confidence: "certain",
    remedies: ["fix-reference"],
  },
  {
    code: "invalid-reference",
    literals: ["short-name"],
    pattern: /short-name (?:resolution enforced|"[^"]{1,400}" did not resolve)/,
    example: "error creating build container: short-name resolution enforced but cannot prompt without a TTY",
    source: "knative/client#1308",
    confidence: "certain",
    remedies: ["fix-reference"],
  },

  // --- Docker's config and its helpers
  {
    code: "unknown",
    literals: ["error erasing credentials"],
    pattern: /credentials not found in native keychain/,
    example:
      "https://index.docker.io/v1/: error erasing credentials - err: exit status 1, out: `credentials not found in native keychain`",
    source: "mccutchen/go-httpbin#223",
    confidence: "likely",
    credential: "none",
    weight: "hint",
    remedies: [],
  },
  {
    code: "helper-missing",
    literals: ["docker-credential-"],
    pattern:
      /docker-credential-(?<helper>[\w.<>-]{1,120})['"]?(?:: executable file not found| not found\b| not installed or not available|: no such file or directory)/,
    example:
      'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
    source: "row 50",
    confidence: "certain",
    remedies: ["install-helper", "repair-docker-config"],
  },
  {
    code: "helper-failing",
    literals: ["docker-credential-"],
    pattern:
      /docker-credential-(?<helper>[\w.<>-]{1,120})['"]?: (?<detail>exec format error|invalid argument|permission denied|input\/output error)/i,
    example: "error getting credentials - err: fork/exec /usr/bin/docker-credential-desktop.exe: exec format error",
    source: "row 51",
    confidence: "certain",
    remedies: ["repair-docker-config"],
  },
  {
    code: "helper-failing",
    literals: ["error getting credentials", "error storing credentials", "error erasing credentials"],
    pattern: /error (?:getting|storing|erasing) credentials - err: (?<detail>.*)/,
    example: "error getting credentials - err: exit status 1, out: `Cannot autolaunch D-Bus without X11 $DISPLAY`",
    source: "row 56",
    confidence: "certain",
    remedies: ["repair-docker-config", "add-secret"],
  },
  {
    code: "helper-failing",
    literals: [
      "pass not initialized",
      "keychain cannot be accessed",
      "no credentials server url",
      "the stub received bad data",
      "cannot autolaunch d-bus",
      "you do not currently have an active account selected",
      "error saving credentials",
    ],
    pattern:
      /(?<detail>(?:pass not|keychain|no credentials server|the stub|cannot autolaunch|you do not|error saving).*)/i,
    example: 'pass not initialized: exit status 1: Error: password store is empty. Try "pass init".',
    source: "row 57",
    confidence: "certain",
    remedies: ["repair-docker-config"],
  },
  {
    code: "docker-config-broken",
    literals: ["error parsing config file", "error loading config file"],
    pattern: /config file:? ?\(?(?<detail>.*)/,
    example:
      "WARNING: Error parsing config file (/root/.docker/config.json): invalid character '}' looking for beginning of object key string",
    source: "row 59",
    confidence: "certain",
    weight: "root",
    remedies: ["repair-docker-config"],
  },
  {
    code: "docker-config-broken",
    literals: ["docker_auth_config"],
    pattern: /(?<detail>Failed to create credential store from DOCKER_AUTH_CONFIG.*)/,
    example:
      "Failed to create credential store from DOCKER_AUTH_CONFIG:  invalid character 'x' looking for beginning of value",
    source: "docker/cli cli/config/configfile/file.go",
    confidence: "certain",
    weight: "root",
    remedies: ["unset-docker-auth-config"],
  },

  // --- limits
  {
    code: "storage-full",
    literals: ["no space left on device", "disk quota exceeded"],
    pattern: /layer|unpack|extract|\bpull|blob|ingest|\/var\/lib\/(?:docker|containerd|containers|rancher)|overlay/i,
    example: "failed to register layer: no space left on device",
    source: "docker/for-win#13751",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["free-space"],
  },
  {
    code: "locked-out",
    literals: ["too many failed login"],
    example: "toomanyrequests: too many failed login attempts for username or IP address",
    source: "row 12",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["wait", "edit-secret"],
  },
  {
    code: "rate-limited",
    literals: ["unauthenticated pull rate limit"],
    example:
      "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
    source: "row 11",
    confidence: "certain",
    credential: "none",
    remedies: ["add-secret", "wait"],
  },
  {
    code: "rate-limited",
    literals: ["toomanyrequests"],
    pattern: /toomanyrequests(?::? ?retry-after: (?<retryAfter>\d{1,6})(?:\.\d{1,9})?s)?/i,
    example:
      "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
    source: "row 10",
    confidence: "certain",
    remedies: ["wait", "add-secret"],
  },
  {
    code: "rate-limited",
    literals: ["429 too many requests", "pull rate limit", "error parsing http 429 response body"],
    example:
      "unexpected status from HEAD request to https://registry-1.docker.io/v2/acme/app/manifests/1: 429 Too Many Requests",
    source: "containerd core/remotes/docker/resolver.go",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["wait", "add-secret"],
  },
  {
    code: "client-firewall",
    literals: ["is not allowed access"],
    pattern: /client with IP ['"](?<address>[^'"]{1,45})['"]/,
    example:
      'denied: {"errors":[{"code":"DENIED","message":"client with IP \'203.0.113.7\' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."}]}',
    source: "row 38",
    confidence: "certain",
    remedies: ["allow-address"],
  },
  {
    code: "client-firewall",
    literals: ["since docker is a us company"],
    example: "<html><body><h1>403 Forbidden</h1>\\nSince Docker is a US company,",
    source: "zodern/meteor-up#426",
    confidence: "certain",
    remedies: ["allow-address", "check-proxy"],
  },
  {
    code: "client-firewall",
    literals: ["error parsing http 403 response body: invalid character '<'", "status 403 while fetching image layer"],
    example:
      "error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n",
    source: "jfrog/nexus2artifactory#72",
    confidence: "likely",
    remedies: ["check-proxy", "allow-address", "fix-host"],
  },

  // --- the registry says itself what is wrong with the credential
  {
    code: "sso-not-authorized",
    literals: ["saml enforcement", "saml sso"],
    example:
      "denied: Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
    source: "row 22",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["authorize-sso", "make-token"],
  },
  {
    code: "token-kind-not-accepted",
    literals: ["personal access token"],
    pattern: /(?<detail>(?:please use|must log in with|must use) a? ?personal access token.{0,160})/i,
    example: "unauthorized: please use personal access token to login",
    source: "row 6",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["make-token", "edit-secret"],
  },
  {
    code: "token-kind-not-accepted",
    literals: ["insufficient scopes", "does not match expected scopes", "client id must be guid"],
    pattern: /(?<detail>(?:access token has insufficient|the token provided does not|aad access token).{0,160})/i,
    example: "unauthorized: access token has insufficient scopes",
    source: "row 8",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["make-token", "edit-secret"],
  },
  {
    code: "ecr-identity-policy",
    literals: ["ecr:getauthorizationtoken", "ecr-public:getauthorizationtoken"],
    pattern: /(?:is )?not authorized to perform: (?<detail>ecr(?:-public)?:GetAuthorizationToken)/,
    example:
      "AccessDeniedException: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
    source: "row 69",
    confidence: "certain",
    remedies: ["add-iam-policy"],
  },
  {
    code: "ecr-resource-policy",
    literals: ["resource-based policy"],
    pattern: /(?:perform: |allows the )(?<detail>ecr[\w-]{0,10}:\w{1,40})/,
    example:
      "denied: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-west-2:210987654321:repository/acme/app because no resource-based policy allows the ecr:BatchGetImage action",
    source: "row 68",
    confidence: "certain",
    credential: "sent",
    remedies: ["add-repository-policy", "fix-repository"],
  },
  {
    code: "ecr-identity-policy",
    literals: ["identity-based policy", "permissions boundary", "service control policy", "session policy"],
    pattern: /(?:perform: |allows the )(?<detail>ecr[\w-]{0,10}:\w{1,40})/,
    example:
      "denied: User: arn:aws:sts::123456789012:assumed-role/dev/i-0 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-west-2:123456789012:repository/acme/app because no identity-based policy allows the ecr:BatchGetImage action",
    source: "row 67",
    confidence: "certain",
    credential: "sent",
    remedies: ["add-iam-policy"],
  },
  {
    code: "ecr-identity-policy",
    literals: ["not authorized to perform: ecr"],
    pattern: /not authorized to perform: (?<detail>ecr[\w-]{0,10}:\w{1,40})/,
    example:
      "denied: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-west-2:123456789012:repository/acme/app",
    source: "aws/containers-roadmap#2053",
    confidence: "likely",
    credential: "sent",
    remedies: ["add-iam-policy", "add-repository-policy"],
  },
  {
    code: "no-right-on-repository",
    literals: ["permission_denied:", "installation not allowed to read"],
    example: "denied: permission_denied: read_package",
    source: "row 18",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["grant-access", "make-token"],
  },
  {
    code: "expired-credential",
    literals: [
      "authorization token has expired",
      "access token is expired",
      "access token has expired",
      "security token included in the request is expired",
    ],
    example: "denied: Your authorization token has expired. Reauthenticate and try again.",
    source: "row 64",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["edit-secret", "log-out"],
  },
  {
    code: "wrong-credential",
    literals: [
      "incorrect username or password",
      "invalid username or password",
      "wrong username or password",
      "cannot be authenticated with the token",
      "invalid clientid or client secret",
      "application not registered with aad",
      "http basic: access denied",
      "unauthorized: failed authentication",
      "could not find robot",
      "auth attempt failed. status: 401",
    ],
    example: "unauthorized: incorrect username or password",
    source: "row 4",
    confidence: "certain",
    credential: "sent",
    onlyOfPulls: true,
    remedies: ["edit-secret", "log-out", "make-token"],
  },
  {
    code: "wrong-credential",
    literals: ["connectivity_refresh_token_error"],
    example:
      "An error occurred: CONNECTIVITY_REFRESH_TOKEN_ERROR Access to registry 'acme.azurecr.io' was denied. Response code: 401.",
    source: "row 39",
    confidence: "likely",
    credential: "sent",
    remedies: ["sign-in-to-cloud", "edit-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["logging into "],
    pattern: /logging into "[^"]{1,260}": invalid username\/password/,
    example: 'Error: logging into "quay.io": invalid username/password',
    source: "containers/common pkg/auth/auth.go",
    confidence: "certain",
    credential: "sent",
    remedies: ["edit-secret", "make-token"],
  },
  {
    code: "wrong-credential",
    literals: ["login attempt to "],
    pattern: /login attempt to \S{1,300} failed with status: 40[13]/,
    example:
      "Error response from daemon: login attempt to https://registry.example.com/v2/ failed with status: 401 Unauthorized",
    source: "moby registry/auth.go; docker/hub-feedback#1694, goharbor/harbor#21676",
    confidence: "likely",
    credential: "sent",
    remedies: ["edit-secret", "make-token", "check-proxy"],
  },
  {
    code: "not-a-registry",
    literals: ["login attempt to "],
    pattern: /login attempt to \S{1,300} failed with status: 404/,
    example:
      "Error response from daemon: login attempt to https://nexus.example.com/v2/ failed with status: 404 Not Found",
    source: "moby registry/auth.go",
    confidence: "likely",
    remedies: ["fix-host", "check-proxy"],
  },
  {
    code: "no-credential",
    literals: ["unauthenticated requests do not have permission"],
    example:
      'Unauthenticated requests do not have permission "artifactregistry.repositories.downloadArtifacts" on resource "projects/acme/locations/us/repositories/app" (or it may not exist)',
    source: "row 43",
    confidence: "certain",
    credential: "none",
    onlyOfPulls: true,
    remedies: ["add-secret", "sign-in-to-cloud"],
  },
  {
    code: "no-right-on-repository",
    literals: ["artifactregistry.repositories.downloadartifacts"],
    pattern: /[Pp]ermission "[^"]{1,80}" denied/,
    example:
      'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/acme/locations/europe-west2/repositories/ml" (or it may not exist)',
    source: "row 42",
    confidence: "likely",
    onlyOfPulls: true,
    remedies: ["grant-access", "add-secret", "fix-repository"],
  },
  {
    code: "expired-credential",
    literals: ["denied: unauthenticated request"],
    example: "denied: Unauthenticated request",
    source: "row 49",
    confidence: "likely",
    credential: "sent",
    remedies: ["edit-secret", "sign-in-to-cloud"],
  },
  {
    code: "no-credential",
    literals: ["and you may have invalid credentials"],
    example:
      "unauthorized: You don't have the needed permissions to perform this operation, and you may have invalid credentials. To authenticate your request, follow the steps in: https://cloud.google.com/container-registry/docs/advanced-authentication",
    source: "row 45",
    confidence: "likely",
    remedies: ["add-secret", "sign-in-to-cloud", "edit-secret"],
  },
  {
    code: "unknown-repository",
    literals: ["caller does not have permission or the resource may not exist"],
    example: "denied: Caller does not have permission or the resource may not exist 'read'.",
    source: "row 46",
    confidence: "likely",
    credential: "sent",
    remedies: ["fix-repository", "grant-access"],
  },
  {
    code: "no-right-on-repository",
    literals: ["unauthorized to access repository", "client does not have permission for manifest"],
    example:
      "unauthorized: unauthorized to access repository: acme/app, action: pull: unauthorized to access repository: acme/app, action: pull",
    source: "row 73",
    confidence: "likely",
    remedies: ["grant-access", "add-secret", "fix-repository"],
  },
  {
    // a policy of the engine, which no credential changes: its own words say more than any of our codes
    code: "unknown",
    literals: ["authorization denied by plugin"],
    example:
      "docker: Error response from daemon: authorization denied by plugin acme-policy: only images of registry.example.com",
    source: "row 89",
    confidence: "certain",
    remedies: [],
  },

  // --- the image
  {
    // before Docker 26 the notice said "will be removed", and the image came
    code: "outdated-format",
    literals: ["schema 1 support is disabled", "schema 1 support has been removed"],
    example:
      "Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of docker.io/docker/whalesay:latest to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2.",
    source: "docs.docker.com/engine/deprecated",
    confidence: "certain",
    remedies: ["publish-again"],
  },
  {
    code: "outdated-format",
    literals: ["is no longer supported since containerd v2"],
    example:
      'Error response from daemon: not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1, please rebuild the image as "application/vnd.docker.distribution.manifest.v2+json" or "application/vnd.oci.image.manifest.v1+json"',
    source: "containerd client/pull.go",
    confidence: "certain",
    remedies: ["publish-again"],
  },
  {
    code: "platform-missing",
    literals: ["no matching manifest for"],
    pattern: /no matching manifest for (?<platform>[\w.]{1,40}(?:\/[\w.]{1,40}){0,3})/,
    example:
      "no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found",
    source: "row 14",
    confidence: "certain",
    remedies: ["choose-platform"],
  },
  {
    code: "platform-missing",
    literals: ["does not match the specified platform"],
    pattern: /specified platform(?:: wanted (?<platform>[\w./]{1,80}))?/,
    example:
      "image with reference ghcr.io/acme/app:1 was found but does not match the specified platform: wanted linux/amd64, actual: linux/arm64/v8",
    source: "moby daemon/images/image.go",
    confidence: "certain",
    remedies: ["choose-platform"],
  },
  {
    code: "platform-missing",
    literals: [
      "no match for platform in manifest",
      "cannot be used on this platform",
      "no image found in manifest list for architecture",
      "no image found in image index for architecture",
    ],
    example: 'image operating system "linux" cannot be used on this platform',
    source: "docker-archive-public/docker.kitematic#5564",
    confidence: "certain",
    remedies: ["choose-platform"],
  },
  {
    code: "unknown-repository",
    literals: ["name unknown", "name_unknown", "repository name not known to registry"],
    example: "name unknown: The repository with name 'acme/app' does not exist in the registry with id '123456789012'",
    source: "row 70",
    confidence: "certain",
    remedies: ["fix-repository", "grant-access"],
  },
  {
    code: "unknown-tag",
    literals: [
      "manifest unknown",
      "manifest_unknown",
      "named manifest is not known to the registry",
      "was deleted or has expired. to pull",
    ],
    example: "manifest for ghcr.io/acme/app:2 not found: manifest unknown: manifest unknown",
    source: "row 13",
    confidence: "certain",
    remedies: ["fix-tag"],
  },
  {
    code: "unknown-tag",
    literals: ["manifest for"],
    pattern: /manifest for \S{1,400} not found/,
    example: "Error response from daemon: manifest for mcr.microsoft.com/windows/servercore:latest not found",
    source: "docker-archive-public/docker.kitematic#5276",
    confidence: "certain",
    remedies: ["fix-tag"],
  },
  {
    code: "unknown-tag",
    literals: [": not found"],
    pattern: atEnd(
      /(?:resolve (?:source metadata|reference|ref|image)[^]{1,1500}|LLB definition: [^\s"]{3,400}|^#\d{1,6} ERROR: [^\s"]{3,400}): not found/,
    ),
    example:
      "failed to solve: ghcr.io/acme/app:2: failed to resolve source metadata for ghcr.io/acme/app:2: ghcr.io/acme/app:2: not found",
    source: "containerd core/remotes/docker/resolver.go",
    confidence: "likely",
    remedies: ["fix-tag", "fix-repository"],
  },

  // --- the way there
  {
    code: "proxy",
    literals: [
      "proxyconnect",
      "proxy authentication required",
      "socks connect",
      "error parsing http 407 response body",
    ],
    pattern: /(?<detail>(?:proxyconnect|socks connect|proxy authentication|error parsing HTTP 407).{0,300})/i,
    example:
      'Get "https://registry-1.docker.io/v2/": proxyconnect tcp: dial tcp 127.0.0.1:1080: connect: connection refused',
    source: "docker/for-win#14706",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["check-proxy"],
  },
  {
    // Go repeats the reason of a proxy's answer to CONNECT, and nothing else
    code: "proxy",
    literals: ['": forbidden', '": bad gateway', '": service unavailable', '": gateway timeout', '": bad request'],
    pattern: atEnd(
      /(?:Get|Head|Post) "https:\/\/\S{1,600}": (?<detail>Forbidden|Bad Gateway|Service Unavailable|Gateway Timeout|Bad Request)/,
    ),
    example: 'error pinging docker registry registry.example.com: Get "https://registry.example.com/v2/": Forbidden',
    source: "apptainer/singularity#6228",
    confidence: "likely",
    onlyOfPulls: true,
    remedies: ["check-proxy"],
  },
  {
    code: "timeout",
    literals: ["tls handshake timeout"],
    example: 'Head "https://registry-1.docker.io/v2/library/postgres/manifests/10": net/http: TLS handshake timeout',
    source: "xiaopeng163/docker.tips#4",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["check-network", "check-proxy", "try-later"],
  },
  {
    code: "unknown-authority",
    literals: [
      "certificate signed by unknown authority",
      "certificate is not trusted",
      "self-signed certificate",
      "self signed certificate",
      "unable to get local issuer certificate",
      "unable to verify the first certificate",
    ],
    pattern: /(?:authority certificate "(?<detail>[^"]{1,200})"|certificate)/,
    example: 'Get "https://registry-1.docker.io/v2/": x509: certificate signed by unknown authority',
    source: "row 77",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["trust-authority", "check-proxy"],
  },
  {
    code: "certificate-invalid",
    literals: ["x509: ", "certificate has expired"],
    pattern: /(?<detail>(?:certificate|cannot validate).{0,300})/,
    example: 'Get "https://reg.example.com/v2/": x509: certificate is valid for example.com, not reg.example.com',
    source: "boomix/BoomPanel#24",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["renew-certificate", "fix-host"],
  },
  {
    code: "http-instead-of-https",
    literals: ["server gave http response to https client"],
    example: 'Get "https://10.43.240.20:5000/v2/": http: server gave HTTP response to HTTPS client',
    source: "row 76",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["allow-http", "fix-host", "check-proxy"],
  },
  {
    code: "http-instead-of-https",
    literals: ["first record does not look like a tls handshake", "wrong version number"],
    example: 'Get "https://registry.example.com:5000/v2/": tls: first record does not look like a TLS handshake',
    source: "Go crypto/tls/conn.go",
    confidence: "likely",
    onlyOfPulls: true,
    remedies: ["allow-http", "fix-host", "check-proxy"],
  },
  {
    code: "dns",
    literals: ["no such host", "server misbehaving", "temporary failure in name resolution", "enotfound", "eai_again"],
    example: "dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host",
    source: "row 78",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["fix-host", "check-network"],
  },
  {
    code: "dns",
    literals: ["lookup "],
    pattern: /lookup \S{1,260}(?: on \S{1,60})?: (?:read udp|dial udp|i\/o timeout|no answer|context deadline)/,
    example:
      "dial tcp: lookup registry-1.docker.io on 192.168.65.1:53: read udp 192.168.65.2:45941->192.168.65.1:53: i/o timeout",
    source: "docker/for-mac#2152",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["check-network"],
  },
  {
    code: "connection-refused",
    literals: ["connection refused", "econnrefused", "actively refused"],
    example:
      'Head "https://reg.example.com/v2/acme/app/manifests/1": dial tcp 192.168.2.133:443: connect: connection refused',
    source: "containerd/containerd#11015",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["fix-host", "check-network"],
  },
  {
    code: "timeout",
    literals: [
      "client.timeout",
      "i/o timeout",
      "context deadline exceeded",
      "request canceled while waiting for connection",
      "timeout awaiting response headers",
      "connection timed out",
      "operation timed out",
      "etimedout",
    ],
    example:
      'Get "https://registry.gitlab.com/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    source: "row 79",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["check-network", "check-proxy", "try-later"],
  },
  {
    code: "unreachable",
    literals: [
      "no route to host",
      "network is unreachable",
      "connection reset by peer",
      "econnreset",
      "remote error: tls",
      "unexpected eof",
      ": eof",
    ],
    pattern:
      /(?<detail>no route to host|network is unreachable|connection reset by peer|ECONNRESET|remote error: tls.{0,80}|unexpected EOF|\bEOF\b)/,
    example:
      'Get "https://registry.example.com/v2/": read tcp 10.0.0.5:41000->203.0.113.9:443: read: connection reset by peer',
    source: "Go net/http",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["check-network", "check-proxy", "try-later"],
  },
  {
    // an answer that is not of the protocol: its status says more than its text does
    code: "server-error",
    literals: ["error parsing http 50"],
    pattern: /error parsing HTTP (?<status>50\d) response body/,
    example:
      "error parsing HTTP 502 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n<head><title>502 Bad Gateway",
    source: "moby registry, distribution registry/client/errors.go",
    confidence: "certain",
    remedies: ["try-later"],
  },
  {
    code: "no-credential",
    literals: ["error parsing http 401 response body"],
    example: "error parsing HTTP 401 response body: invalid character '<' looking for beginning of value: \"<html>",
    source: "distribution registry/client/errors.go",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret", "fix-host"],
  },
  {
    code: "not-a-registry",
    literals: [
      "invalid character '<' looking for beginning of value",
      "<!doctype html",
      "invalid character 'p' after top-level value: \"404 page not found",
    ],
    example: "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: \"<html>",
    source: "row 80",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["fix-host", "check-proxy"],
  },
  {
    code: "server-error",
    literals: ["internal server error", "bad gateway", "service unavailable", "gateway timeout", "gateway time-out"],
    pattern:
      /(?:^|: |code |status )(?<status>50\d) (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
    example: "Error response from daemon: received unexpected HTTP status: 503 Service Unavailable",
    source: "docker-library/docker#192",
    confidence: "certain",
    onlyOfPulls: true,
    remedies: ["try-later"],
  },

  // --- the verb tells whether a credential was sent (containerd core/remotes/docker/authorizer.go)
  {
    code: "no-credential",
    literals: ["failed to fetch anonymous token"],
    example:
      "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 401 Unauthorized",
    source: "row 24",
    confidence: "certain",
    credential: "none",
    remedies: ["add-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["failed to fetch oauth token"],
    example:
      "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 403 Forbidden",
    source: "row 23",
    confidence: "certain",
    credential: "sent",
    remedies: ["edit-secret", "log-out"],
  },
  {
    code: "no-credential",
    literals: ["no basic auth credentials"],
    example:
      'Head "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/acme/app/manifests/1": no basic auth credentials',
    source: "row 62",
    confidence: "certain",
    credential: "none",
    remedies: ["add-secret", "sign-in-to-cloud"],
  },
  {
    code: "unknown-repository",
    literals: ["insufficient_scope"],
    example:
      "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    source: "row 3",
    confidence: "likely",
    onlyOfPulls: true,
    remedies: ["fix-repository", "add-secret", "grant-access"],
  },
  {
    code: "wrong-credential",
    literals: ["could not fetch bearer token for"],
    pattern: /HTTP 403/,
    example: "Could not fetch bearer token for 'ghcr.io': Error: HTTP 403: Forbidden",
    source: "row 83",
    confidence: "likely",
    credential: "sent",
    remedies: ["log-out", "edit-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["failed to fetch bearer token from registry"],
    example: "[httpOci] ERR: Failed to fetch Bearer token from registry.",
    source: "row 83",
    confidence: "likely",
    weight: "hint",
    remedies: ["log-out", "edit-secret", "add-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["on reattempt after auth"],
    pattern: /40[13] on reattempt after auth/,
    example: "401 on reattempt after auth: https://registry.gitlab.com/",
    source: "devcontainers/cli#675",
    confidence: "likely",
    credential: "sent",
    remedies: ["edit-secret", "log-out"],
  },
  {
    // containers/image says both whether or not a credential was sent
    code: "wrong-credential",
    literals: ["requesting bearer token", "unable to retrieve auth token"],
    pattern: /40[13]|invalid username\/password/,
    example: "Error listing repository tags: Requesting bearer token: received unexpected HTTP status: 403 Forbidden",
    source: "mccutchen/go-httpbin#223",
    confidence: "likely",
    remedies: ["edit-secret", "add-secret", "log-out"],
  },

  // --- refused, with the registry's own short words
  {
    code: "wrong-credential",
    literals: ["denied: denied"],
    example: 'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/latest": denied: denied',
    source: "row 16",
    confidence: "certain",
    credential: "sent",
    remedies: ["edit-secret", "log-out"],
  },
  {
    // the login itself, not a repository
    code: "wrong-credential",
    literals: ["denied: access forbidden"],
    pattern: /\/v2\/"?: denied: access forbidden/,
    example: "Error response from daemon: Get https://registry.gitlab.com/v2/: denied: access forbidden",
    source: "microsoft/vscode-docker#2236",
    confidence: "certain",
    credential: "sent",
    remedies: ["edit-secret", "make-token"],
  },
  {
    code: "no-credential",
    literals: ["denied: access forbidden"],
    example: 'Head "https://registry.gitlab.com/v2/acme/app/manifests/1": denied: access forbidden',
    source: "row 29",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret", "grant-access", "fix-repository"],
  },
  {
    code: "expired-credential",
    literals: ["https://public.ecr.aws/v2/"],
    pattern: /\/manifests\/\S{1,200}: 403 Forbidden/,
    example:
      "unexpected status from HEAD request to https://public.ecr.aws/v2/acme/app/manifests/1.24-alpine: 403 Forbidden",
    source: "row 66",
    confidence: "likely",
    credential: "sent",
    remedies: ["log-out", "edit-secret"],
  },
  {
    code: "no-right-on-repository",
    literals: ["403 forbidden"],
    pattern:
      /(?:HEAD request to \S{1,1000}|\/(?:manifests|blobs)\/\S{1,200}|\[manifests [^\]]{1,200}\]): 403 Forbidden/,
    example: "unexpected status from HEAD request to https://ghcr.io/v2/acme/app/manifests/1: 403 Forbidden",
    source: "row 25",
    confidence: "likely",
    remedies: ["grant-access", "edit-secret", "log-out"],
  },
  {
    // containerd and BuildKit: Basic authentication, without a credential or with a wrong one
    code: "no-credential",
    literals: ["401 unauthorized"],
    pattern:
      /(?:HEAD request to \S{1,1000}|\/(?:manifests|blobs)\/\S{1,200}|\[manifests [^\]]{1,200}\]): 401 Unauthorized/,
    example: "pulling from host registry.example.com failed with status code [manifests 1]: 401 Unauthorized",
    source: "row 75",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["403 forbidden"],
    pattern: /(?:GET|POST) request to \S{1,2000}: 403 Forbidden/,
    example: "unexpected status from POST request to https://ghcr.io/token: 403 Forbidden",
    source: "row 23",
    confidence: "likely",
    remedies: ["edit-secret", "log-out"],
  },
  {
    code: "no-credential",
    literals: ["401 unauthorized"],
    pattern: /(?:GET|POST) request to \S{1,2000}: 401 Unauthorized/,
    example:
      "unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 401 Unauthorized",
    source: "row 24",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret"],
  },
  {
    code: "no-credential",
    literals: ["aka.ms/acr/authorization"],
    example: "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.",
    source: "row 34",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret", "sign-in-to-cloud"],
  },
  {
    code: "no-credential",
    literals: ["unauthorized: authentication required", "access to the requested resource is not authorized"],
    example: "unauthorized: access to the requested resource is not authorized",
    source: "row 72",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret", "grant-access", "fix-repository"],
  },
  {
    code: "unknown-repository",
    literals: ["pull access denied", "requested access to the resource is denied", "does not exist or no pull access"],
    example:
      "pull access denied for acme/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    source: "row 1",
    confidence: "likely",
    remedies: ["fix-repository", "add-secret", "grant-access"],
  },
  {
    code: "no-credential",
    literals: ["unauthorized"],
    pattern: atEnd(/\/v2\/\S{0,600}"?: unauthorized\.?/),
    example: 'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": unauthorized',
    source: "row 15",
    confidence: "certain",
    credential: "none",
    remedies: ["add-secret"],
  },
  {
    code: "no-credential",
    literals: ["unauthorized"],
    pattern: atEnd(/(?:^|daemon: |token: |manifest \S{1,200} in \S{1,400}: )unauthorized\.?/),
    example: "Error response from daemon: unauthorized",
    source: "row 15",
    confidence: "likely",
    remedies: ["add-secret", "edit-secret"],
  },
  {
    code: "no-right-on-repository",
    literals: ["denied"],
    pattern: atEnd(/(?:^|daemon: |\/v2\/\S{0,600}"?: |manifest \S{1,200} in \S{1,400}: )denied\.?/),
    example: "Error response from daemon: denied",
    source: "row 17",
    confidence: "likely",
    credential: "sent",
    remedies: ["grant-access", "edit-secret", "log-out"],
  },

  // --- said on the way: the cause only if nothing else is found
  {
    code: "no-credential",
    literals: ["could not resolve feature", "could not be processed"],
    pattern: /Feature (?:manifest for )?'[^']{1,400}'/,
    example:
      "Could not resolve Feature manifest for 'ghcr.io/acme/features/tool:1'.  If necessary, provide registry credentials with 'docker login <registry>'.",
    source: "row 81",
    confidence: "likely",
    weight: "hint",
    remedies: ["add-secret", "fix-repository", "log-out"],
  },
  {
    code: "no-credential",
    literals: ["no authentication credentials found for registry"],
    example: "No authentication credentials found for registry 'ghcr.io'. Accessing anonymously.",
    source: "row 85",
    confidence: "likely",
    credential: "none",
    weight: "hint",
    remedies: ["add-secret"],
  },
  {
    code: "no-credential",
    literals: ["unable to retrieve some image pull secrets", "failedtoretrieveimagepullsecret"],
    example: "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
    source: "kubernetes/kubernetes pkg/kubelet/kubelet_pods.go",
    confidence: "likely",
    credential: "none",
    weight: "hint",
    remedies: ["add-secret"],
  },
  {
    code: "wrong-credential",
    literals: ["ensure your registry credentials are correct"],
    example: "Unable to pull the provided image. Ensure your registry credentials are correct!",
    source: "row 86",
    confidence: "likely",
    weight: "hint",
    remedies: ["edit-secret", "add-secret"],
  },
  {
    code: "unknown",
    literals: [
      "falling back to the default image",
      "running in recovery mode due to a container error",
      "can't talk to a v1 container registry",
      "error pulling image",
      "errimagepull",
      "imagepullbackoff",
      "back-off pulling image",
      "cannotpullcontainererror",
      "command failed: docker pull",
      "=> error [internal] load metadata for",
      "initializing source docker://",
      "error parsing http ",
      "authenticating creds for ",
    ],
    example: "Command failed: docker pull ghcr.io/acme/app:1",
    source: "test/fixtures/devcontainers/pull-refused.jsonl",
    confidence: "likely",
    weight: "hint",
    remedies: [],
  },
  {
    code: "unknown",
    literals: [
      "failed to pull",
      "failed to resolve",
      "failed to do request",
      "failed to authorize",
      "unable to pull",
      "pullimage ",
    ],
    pattern:
      /PullImage (?:\S{1,400} )?(?:from image service )?failed|failed to pull (?:and unpack )?image|failed to resolve (?:reference|ref|source metadata|image)|failed to (?:do request|authorize): |unable to pull (?:the )?(?:provided )?image/i,
    example: 'Failed to pull image "ghcr.io/acme/app:1": rpc error: code = Unknown desc = something new',
    source: "kubernetes/kubernetes pkg/kubelet/images/image_manager.go",
    confidence: "likely",
    weight: "hint",
    remedies: [],
  },
  {
    // with the address of a registry's API, a word of a pull or a code of the protocol; what else the engine says of an
    // image is about what it has itself
    code: "unknown",
    literals: ["error response from daemon: "],
    pattern:
      /from daemon: (?:[^]{0,600}(?:\/v2\/|\bpull(?:ing)?\b|\bmanifest\b)|(?:unknown|unauthorized|denied|unsupported|unavailable): |missing signature key|unsupported media type)/,
    example: "Error response from daemon: unknown: Project not found or deleted",
    source: "moby distribution/errors.go, distribution registry/api/errcode",
    confidence: "likely",
    weight: "hint",
    remedies: [],
  },
];
