import type { ErrorText } from "./errorText";

/** What goes wrong before a registry is asked, and its limits. */
export const CLIENT_TEXTS: readonly ErrorText[] = [
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
];
