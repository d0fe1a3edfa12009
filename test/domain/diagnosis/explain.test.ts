import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { explainText } from "../../../src/domain/diagnosis/explain";
import { Redacted } from "../../../src/domain/redacted";

/** The findings in one line each: `code registry image`. */
function told(text: string): string[] {
  return explainText(text).map(({ code, registry, image }) => [code, registry || "-", image || "-"].join(" "));
}

const fixture = (name: string) => readFileSync(join(process.cwd(), "test/fixtures/devcontainers", name), "utf8");
const lines = (...all: string[]) => all.join("\n");
const event = (type: string, text: string) => JSON.stringify({ type, level: 2, timestamp: 1, text });

const OAUTH = (image: string) =>
  `failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3A${encodeURIComponent(image)}%3Apull&service=ghcr.io: 403 Forbidden`;

const MISSING = (quote: string) =>
  `failed to pull and unpack image ${quote}docker.io/library/nginx:99${quote}: failed to resolve reference ${quote}docker.io/library/nginx:99${quote}: docker.io/library/nginx:99: not found`;

/** One failure, as programs log it. */
const NOT_FOUND: [who: string, text: string][] = [
  ["a person", `Failed to pull image "nginx:99": ${MISSING('"')}`],
  [
    "containerd",
    `time="2026-01-02T03:04:05Z" level=error msg="PullImage \\"nginx:99\\" failed" error="rpc error: code = NotFound desc = ${MISSING('\\"')}"`,
  ],
  [
    "kubelet",
    `E0102 03:04:05.678901    1234 remote_image.go:180] "PullImage from image service failed" err="rpc error: code = NotFound desc = ${MISSING('\\"')}" image="nginx:99"`,
  ],
  [
    "kubelet, of a pod",
    lines(
      'Normal Pulling 9s kubelet Pulling image "nginx:99"',
      `E0102 03:04:05.678901    1234 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"web\\" with ErrImagePull: \\"rpc error: code = NotFound desc = ${MISSING('\\\\\\"')}\\"" pod="default/web" podUID="0123"`,
    ),
  ],
  [
    "kubectl in YAML",
    `        message: 'Back-off pulling image "nginx:99": ErrImagePull: rpc error: code = NotFound desc = ${MISSING('"')}'`,
  ],
  [
    "kubectl in YAML, folded",
    lines(
      "      waiting:",
      '        message: \'Back-off pulling image "nginx:99": ErrImagePull: rpc error: code',
      '          = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:99":',
      '          failed to resolve reference "docker.io/library/nginx:99": docker.io/library/nginx:99:',
      "          not found'",
      "        reason: ImagePullBackOff",
    ),
  ],
  ["kubectl in JSON", `        "message": "Back-off pulling image \\"nginx:99\\": ErrImagePull: ${MISSING('\\"')}",`],
  ["the engine's API", `$ docker pull nginx:99\n{"message":"${MISSING('\\"')}"}`],
];

/** What `error parsing HTTP` says of an answer's status and text (moby registry, distribution registry/client/errors.go). */
const NOT_PARSED: [status: number, said: string, code: string][] = [
  [401, "invalid character '<' looking for beginning of value: \"<html>\"", "no-credential"],
  [403, "invalid character '<' looking for beginning of value: \"<html>\"", "client-firewall"],
  [403, 'unexpected end of JSON input: ""', "unknown"],
  [404, "invalid character '<' looking for beginning of value: \"<html>\"", "not-a-registry"],
  [404, "invalid character 'p' after top-level value: \"404 page not found\\n\"", "not-a-registry"],
  [407, "invalid character '<' looking for beginning of value: \"<html>\"", "proxy"],
  [429, "invalid character 'T' looking for beginning of value: \"Too Many Requests (HAP429).\\n\"", "rate-limited"],
  [502, "invalid character '<' looking for beginning of value: \"<html>\"", "server-error"],
  [503, "invalid character '<' looking for beginning of value: \"<!DOCTYPE html>\"", "server-error"],
  [504, 'unexpected end of JSON input: ""', "server-error"],
];

describe("a log explained", () => {
  const cases: [name: string, text: string, want: string[]][] = [
    ["nothing", "", []],
    [
      "a log without a failure",
      lines("Pulling from library/debian", "Status: Downloaded newer image for debian:12"),
      [],
    ],
    [
      "Docker 20.10, classic store: the tag is missing",
      "Error response from daemon: manifest for 127.0.0.1:18765/acme/app:1 not found: manifest unknown: manifest unknown",
      ["unknown-tag 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "docker pull: the reason has no image, the command has",
      lines("$ docker pull ghcr.io/acme/app:1", "1: Pulling from acme/app", "Error response from daemon: denied"),
      ["no-right-on-repository ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "docker run: the image as it was written",
      lines(
        "Unable to find image 'redis:alpine' locally",
        'docker: Error response from daemon: Head "https://registry-1.docker.io/v2/library/redis/manifests/alpine": unauthorized: incorrect username or password.',
        "See 'docker run --help'.",
      ),
      ["wrong-credential docker.io redis:alpine"],
    ],
    [
      "docker pull drops the tag from its error",
      lines(
        "$ docker pull --platform linux/amd64 ghcr.io/acme/app:1",
        "Error response from daemon: pull access denied for ghcr.io/acme/app, repository does not exist or may require 'docker login': denied: Your authorization token has expired. Reauthenticate and try again.",
      ),
      ["expired-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "the classic builder",
      lines(
        "Sending build context to Docker daemon  2.048kB",
        "Step 1/1 : FROM 127.0.0.1:18765/acme/app:1",
        "manifest for 127.0.0.1:18765/acme/app:1 not found: manifest unknown: manifest unknown",
      ),
      ["unknown-tag 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "BuildKit 20.10, plain progress: the tag is missing",
      lines(
        "#4 [auth] sharing credentials for 127.0.0.1:18765",
        "#4 DONE 0.0s",
        "#3 [internal] load metadata for 127.0.0.1:18765/acme/app:1",
        "#3 ERROR: 127.0.0.1:18765/acme/app:1: not found",
        "------",
        " > [internal] load metadata for 127.0.0.1:18765/acme/app:1:",
        "------",
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: 127.0.0.1:18765/acme/app:1: not found",
      ),
      ["unknown-tag 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "BuildKit 20.10, plain progress: no credential for Basic",
      lines(
        "#3 [internal] load metadata for 127.0.0.1:18765/acme/app:1",
        "#3 ERROR: pulling from host 127.0.0.1:18765 failed with status code [manifests 1]: 401 Unauthorized",
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: pulling from host 127.0.0.1:18765 failed with status code [manifests 1]: 401 Unauthorized",
      ),
      ["no-credential 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "BuildKit, progress of a terminal, two images",
      lines(
        " => ERROR [internal] load metadata for ghcr.io/acme/app:1                                  0.4s",
        " => ERROR [base internal] load metadata for docker.io/library/nowhere:9                   0.6s",
        "------",
        " > [internal] load metadata for ghcr.io/acme/app:1:",
        "------",
        "Dockerfile:1",
        "--------------------",
        "   1 | >>> FROM ghcr.io/acme/app:1",
        "--------------------",
        `ERROR: failed to solve: ghcr.io/acme/app:1: failed to resolve source metadata for ghcr.io/acme/app:1: ${OAUTH("acme/app")}`,
      ),
      ["wrong-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "BuildKit, plain progress, images side by side: the step's number tells which",
      lines(
        "#2 [internal] load metadata for ghcr.io/acme/one:1",
        "#3 [internal] load metadata for quay.io/acme/two:2",
        "#2 ERROR: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
        "#3 ERROR: unexpected status from HEAD request to https://quay.io/v2/acme/two/manifests/2: 502 Bad Gateway",
      ),
      ["no-credential ghcr.io ghcr.io/acme/one:1", "server-error quay.io quay.io/acme/two:2"],
    ],
    [
      "a build that fails for its own reasons",
      lines(
        "#7 [2/3] RUN npm ci",
        "#7 1.204 npm ERR! 404 Not Found - GET https://packages.example.org/nope - Not found",
        "#7 1.310 npm ERR! request to https://packages.example.org/nope failed, reason: getaddrinfo ENOTFOUND packages.example.org",
        '#7 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
        'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      ),
      [],
    ],
    [
      "a program in a step is refused by its own server, and the image is there (evrone-erp/ts#11)",
      lines(
        "#2 [internal] load metadata for docker.io/library/node:20",
        "#2 DONE 0.9s",
        "#11 [4/5] RUN npm ci",
        "#11 98.56 npm error 403 403 Forbidden - GET https://npm.pkg.github.com/download/@evrone-erp/prettier-config/1.0.32/bb0b38db333eeab852232cf5c4b6bbb7504889dc - Permission permission_denied: read_package",
        '#11 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
        "------",
        " > [4/5] RUN npm ci:",
        "98.56 npm error 403 403 Forbidden - GET https://npm.pkg.github.com/download/@evrone-erp/prettier-config/1.0.32/bb0b38db333eeab852232cf5c4b6bbb7504889dc - Permission permission_denied: read_package",
        "------",
        'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      ),
      [],
    ],
    [
      "what a program says in a step without an address is not about the image before it",
      lines(
        "2026-01-02T03:04:05.1234567Z #2 [internal] load metadata for docker.io/library/node:20",
        "2026-01-02T03:04:05.1234567Z #2 DONE 0.9s",
        "2026-01-02T03:04:06.1234567Z #7 2.104 curl: (60) SSL certificate problem: self-signed certificate while downloading the image manifest",
        "2026-01-02T03:04:06.1234567Z #7 2.310 dial tcp 203.0.113.9:443: connect: connection refused",
      ),
      [],
    ],
    [
      "a pull inside a step is a pull",
      lines(
        "#2 [internal] load metadata for docker.io/library/docker:28",
        "#2 DONE 0.9s",
        "#6 [2/2] RUN docker pull ghcr.io/acme/app:1",
        "#6 1.204 Error response from daemon: denied",
      ),
      ["no-right-on-repository ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "a missing file is no missing image",
      'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref abc::def: "/foo": not found',
      [],
    ],
    [
      "skopeo",
      'time="2026-01-02T03:04:05Z" level=fatal msg="Error parsing image name \\"docker://127.0.0.1:18765/acme/app:1\\": reading manifest 1 in 127.0.0.1:18765/acme/app: unauthorized: authentication required"',
      ["no-credential 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "skopeo: plain http",
      'time="2026-01-02T03:04:05Z" level=fatal msg="Error parsing image name \\"docker://127.0.0.1:18765/acme/app:1\\": pinging container registry 127.0.0.1:18765: Get \\"https://127.0.0.1:18765/v2/\\": http: server gave HTTP response to HTTPS client"',
      ["http-instead-of-https 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "podman: two search registries, two causes",
      lines(
        "Trying to pull registry.fedoraproject.org/app:latest...",
        "Trying to pull docker.io/library/app:latest...",
        "Error: 2 errors occurred while pulling:",
        " * initializing source docker://registry.fedoraproject.org/app:latest: reading manifest latest in registry.fedoraproject.org/app: manifest unknown",
        " * initializing source docker://app:latest: reading manifest latest in docker.io/library/app: requested access to the resource is denied",
      ),
      [
        "unknown-tag registry.fedoraproject.org registry.fedoraproject.org/app:latest",
        "unknown-repository docker.io docker.io/library/app:latest",
      ],
    ],
    [
      "buildah",
      lines(
        "STEP 1/2: FROM quay.io/acme/app:1",
        "Trying to pull quay.io/acme/app:1...",
        "Error: creating build container: initializing source docker://quay.io/acme/app:1: reading manifest 1 in quay.io/acme/app: unauthorized: access to the requested resource is not authorized",
      ),
      ["no-credential quay.io quay.io/acme/app:1"],
    ],
    [
      "ctr 1.6",
      'ctr: failed to resolve reference "127.0.0.1:18765/acme/app:1": pulling from host 127.0.0.1:18765 failed with status code [manifests 1]: 401 Unauthorized',
      ["no-credential 127.0.0.1:18765 127.0.0.1:18765/acme/app:1"],
    ],
    [
      "nerdctl",
      'time="2026-01-02T03:04:05Z" level=fatal msg="failed to resolve reference \\"ghcr.io/acme/app:1\\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 401 Unauthorized"',
      ["no-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "Kubernetes events",
      lines(
        "Warning  FailedToRetrieveImagePullSecret  1s  kubelet  Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
        'Normal   Pulling  9s  kubelet  Pulling image "ghcr.io/acme/app:1"',
        'Warning  Failed   8s  kubelet  Failed to pull image "ghcr.io/acme/app:1": rpc error: code = Unknown desc = failed to pull and unpack image "ghcr.io/acme/app:1": failed to resolve reference "ghcr.io/acme/app:1": ' +
          "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 401 Unauthorized",
        "Warning  Failed   8s  kubelet  Error: ErrImagePull",
        'Normal   BackOff  7s  kubelet  Back-off pulling image "ghcr.io/acme/app:1"',
        "Warning  Failed   7s  kubelet  Error: ImagePullBackOff",
      ),
      ["no-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    ...NOT_FOUND.map(([who, text]): [string, string, string[]] => [
      `the missing tag, as it is logged by ${who}`,
      text,
      ["unknown-tag docker.io nginx:99"],
    ]),
    [
      "kubelet: an unknown reason is of the image that it names last",
      'E0102 03:04:05.678901    1234 remote_image.go:180] "PullImage from image service failed" err="rpc error: code = Unknown desc = the moon is full" image="nginx:99"',
      ["unknown docker.io nginx:99"],
    ],
    [
      "containerd: a pull that went well",
      'time="2026-01-02T03:04:05Z" level=info msg="PullImage \\"nginx:1\\" returns image reference \\"sha256:0123\\""',
      [],
    ],
    [
      "crictl (ciiiii/cloudflare-docker-proxy#98)",
      lines(
        'E0102 21:10:37.610356   13696 remote_image.go:180] "PullImage from image service failed" err="rpc error: code = Unknown desc = failed to pull and unpack image \\"docker.io/library/nginx:latest\\": failed to copy: httpReadSeeker: failed open: unexpected status code https://docker.example.com/v2/library/nginx/blobs/sha256:566e?ns=docker.io: 400 Bad Request" image="nginx"',
        'FATA[0037] pulling image: failed to pull and unpack image "docker.io/library/nginx:latest": failed to copy: httpReadSeeker: failed open: unexpected status code https://docker.example.com/v2/library/nginx/blobs/sha256:566e?ns=docker.io: 400 Bad Request',
      ),
      ["unknown docker.io docker.io/library/nginx:latest"],
    ],
    [
      "the dev container CLI, which asks for a manifest itself (devcontainers/cli, httpOCIRegistry.ts)",
      lines("[1 ms] [httpOci] ERR: No basic auth credentials to send for registry service 'registry.example.com:5000'"),
      ["no-credential registry.example.com:5000 -"],
    ],
    [
      "podman: GHCR's plainest refusals (automerge-repo-sync-server#8, Dusk-Labs/dim#320)",
      lines(
        "Error: initializing source docker://ghcr.io/acme/app:main: reading manifest main in ghcr.io/acme/app: denied",
        "Error: initializing source docker://ghcr.io/acme/tool:dev: reading manifest dev in ghcr.io/acme/tool: unauthorized",
      ),
      ["no-right-on-repository ghcr.io ghcr.io/acme/app:main", "no-credential ghcr.io ghcr.io/acme/tool:dev"],
    ],
    [
      "GitLab today: a wrong credential, whose kind may be the reason (swarmpit/swarmpit#657)",
      'Error response from daemon: Get "https://registry.gitlab.com/v2/": unauthorized: HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled and you must use a personal access token instead of a password. See https://gitlab.com/help/user/profile/account/two_factor_authentication#troubleshooting',
      ["wrong-credential registry.gitlab.com -"],
    ],
    [
      "GitLab of before, with two-factor authentication (gitlab-ce#51090)",
      lines(
        "$ docker pull registry.gitlab.com/acme/app:1",
        "unauthorized: HTTP Basic: Access denied",
        "You must use a personal access token with 'api' scope for Git over HTTP.",
      ),
      ["token-kind-not-accepted registry.gitlab.com registry.gitlab.com/acme/app:1"],
    ],
    [
      "podman login (containers/common pkg/auth/auth.go)",
      'Error: logging into "quay.io": invalid username/password',
      ["wrong-credential quay.io -"],
    ],
    [
      "docker login (docker/hub-feedback#1694, goharbor/harbor#21676)",
      "Error response from daemon: login attempt to https://registry.example.com/v2/ failed with status: 401 Unauthorized",
      ["wrong-credential registry.example.com -"],
    ],
    [
      "docker login: the server is in trouble",
      "Error response from daemon: login attempt to https://registry.example.com/v2/ failed with status: 503 Service Unavailable",
      ["server-error registry.example.com -"],
    ],
    [
      "an image of a format that Docker has given up (docker-library/ruby#452)",
      lines(
        "$ docker pull ruby:2.2.4",
        "2.2.4: Pulling from library/ruby",
        "[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled by default and will be removed in an upcoming release. Suggest the author of docker.io/library/ruby:2.2.4 to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/",
      ),
      ["outdated-format docker.io ruby:2.2.4"],
    ],
    [
      "Docker of before warned of the format, and went on",
      "[DEPRECATION NOTICE] Docker Image Format v1, and Docker Image manifest version 2, schema 1 support will be removed in an upcoming release. Suggest the author of docker.io/docker/whalesay:latest to upgrade the image to the OCI Format, or Docker Image manifest v2, schema 2.",
      [],
    ],
    ...NOT_PARSED.map(([status, said, code]): [string, string, string[]] => [
      `an answer out of the protocol with ${status}: ${said.slice(0, 40)}`,
      lines(
        "$ docker pull registry.example.com/acme/app:1",
        `Error response from daemon: error parsing HTTP ${status} response body: ${said}`,
      ),
      [`${code} registry.example.com registry.example.com/acme/app:1`],
    ]),
    [
      "the engine: an unknown reason with an address, a word of a pull or a code of the protocol",
      lines(
        'Error response from daemon: Get "https://a.example.com/v2/acme/app/manifests/1": the moon is full',
        "$ docker pull b.example.com/acme/app:1",
        "Error response from daemon: unsupported: the moon is full",
        "$ docker pull c.example.com/acme/app:1",
        "Error response from daemon: manifest invalid: manifest invalid",
      ),
      [
        "unknown a.example.com a.example.com/acme/app:1",
        "unknown b.example.com b.example.com/acme/app:1",
        "unknown c.example.com c.example.com/acme/app:1",
      ],
    ],
    [
      "the engine speaks of what it has itself",
      lines(
        "Error response from daemon: No such image: ghcr.io/acme/app:1",
        'Error response from daemon: conflict: unable to remove repository reference "ghcr.io/acme/app:1" (must force)',
        "Error response from daemon: tag does not exist: ghcr.io/acme/app:1",
        "Error response from daemon: No such container: app",
        'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: error mounting "/srv/app.example.com/conf.d:1" to rootfs: not a directory: unknown',
      ),
      [],
    ],
    [
      "Kubernetes: nothing but the back-off",
      'Back-off pulling image "ghcr.io/acme/app:1"',
      ["unknown ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "Compose 2",
      lines(
        " db Pulled",
        ' ✘ Image ghcr.io/acme/app:1 Error Head "https://ghcr.io/v2/acme/app/manifests/1": unauthorized',
        'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": unauthorized',
      ),
      ["no-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "Compose 1",
      lines("Pulling app (registry.gitlab.com/acme/app:1)...", "ERROR: denied: access forbidden"),
      ["no-credential registry.gitlab.com registry.gitlab.com/acme/app:1"],
    ],
    [
      "kaniko",
      lines(
        "INFO[0000] Retrieving image manifest ghcr.io/acme/app:1",
        "INFO[0000] Retrieving image ghcr.io/acme/app:1 from registry ghcr.io",
        'error building image: GET https://index.docker.io/v2/acme/other/manifests/1: unexpected status code 401 Unauthorized: {"details":"incorrect username or password"}',
      ),
      ["wrong-credential docker.io docker.io/acme/other:1"],
    ],
    [
      "envbuilder: the hint does not beat the cause",
      lines(
        "Retrieving image manifest ghcr.io/acme/app:1",
        "GET https://ghcr.io/v2/acme/app/manifests/1: MANIFEST_UNKNOWN: manifest unknown",
        "Falling back to the default image...",
      ),
      ["unknown-tag ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "the dev container CLI: the failed look at the image is not the cause",
      lines(
        "[2 ms] Error fetching image details: No manifest found for ghcr.io/acme/app:1.",
        "[3 ms] Start: Run: docker pull ghcr.io/acme/app:1",
        'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": denied: denied',
        "Error: Command failed: docker pull ghcr.io/acme/app:1",
      ),
      ["wrong-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "the dev container CLI: a text without a cause",
      "Error: Command failed: docker pull ghcr.io/acme/app:1",
      ["unknown ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "the dev container CLI's events: output in pieces, with colours and line ends of a terminal",
      lines(
        event("start", "Run: docker pull ghcr.io/acme/app:1"),
        event("raw", 'Error response from daemon: Head "https://ghcr.io/v2/acme'),
        event("raw", '/app/manifests/1": \u001b[31mdenied: denied\u001b[0m\r\n'),
        event("stop", "Run: docker pull ghcr.io/acme/app:1"),
      ),
      ["wrong-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "a Feature: the reason stands before the sentence that gives up",
      lines(
        "[httpOci] ERR: Failed to fetch Bearer token from registry.",
        "Could not fetch bearer token for 'ghcr.io': Error: HTTP 403: Forbidden",
        "Could not resolve Feature manifest for 'ghcr.io/acme/features/tool:1'.  If necessary, provide registry credentials with 'docker login <registry>'.",
      ),
      ["wrong-credential ghcr.io ghcr.io/acme/features/tool:1"],
    ],
    [
      "what is said on the way to a success",
      lines(
        "No authentication credentials found for registry 'ghcr.io'. Accessing anonymously.",
        '{"outcome":"success","containerId":"0123"}',
      ),
      [],
    ],
    [
      "a pull that works the second time",
      lines(
        "$ docker pull ghcr.io/acme/app:1",
        'Error response from daemon: Get "https://ghcr.io/v2/": net/http: TLS handshake timeout',
        "$ docker pull ghcr.io/acme/app:1",
        "Status: Downloaded newer image for ghcr.io/acme/app:1",
      ),
      [],
    ],
    [
      "the last cause counts",
      lines(
        "$ docker pull ghcr.io/acme/app:1",
        'Error response from daemon: Get "https://ghcr.io/v2/": net/http: TLS handshake timeout',
        'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": denied: denied',
      ),
      ["wrong-credential ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "two tags are two images",
      lines(
        "Error response from daemon: manifest for ghcr.io/acme/app:1 not found: manifest unknown",
        "Error response from daemon: manifest for ghcr.io/acme/app:2 not found: manifest unknown",
      ),
      ["unknown-tag ghcr.io ghcr.io/acme/app:1", "unknown-tag ghcr.io ghcr.io/acme/app:2"],
    ],
    [
      "a broken config explains why no credential was sent",
      lines(
        "WARNING: Error parsing config file (/root/.docker/config.json): invalid character '}' looking for beginning of object key string",
        'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": no basic auth credentials',
      ),
      ["docker-config-broken ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "a broken config does not explain a missing tag",
      lines(
        "WARNING: Error parsing config file (/root/.docker/config.json): EOF",
        "Error response from daemon: manifest for ghcr.io/acme/app:1 not found: manifest unknown",
      ),
      ["unknown-tag ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "ECR names its repository in the ARN",
      "denied: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ecr:BatchGetImage on resource: arn:aws-cn:ecr:cn-north-1:210987654321:repository/acme/app because no identity-based policy allows the ecr:BatchGetImage action",
      [
        "ecr-identity-policy 210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn 210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/acme/app",
      ],
    ],
    [
      "GitLab's token server is not the registry",
      "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://gitlab.com/jwt/auth?scope=repository%3Aacme%2Fapp%3Apull&service=container_registry: 403 Forbidden",
      ["no-credential registry.gitlab.com registry.gitlab.com/acme/app"],
    ],
    [
      "an unknown reason is shown",
      'Failed to pull image "ghcr.io/acme/app:1": rpc error: code = Unknown desc = the moon is full',
      ["unknown ghcr.io ghcr.io/acme/app:1"],
    ],
    [
      "line ends of Windows",
      "Using default tag: latest\r\nError response from daemon: denied\r\n",
      ["no-right-on-repository - -"],
    ],
  ];
  for (const [name, text, want] of cases) it(name, () => assert.deepEqual(told(text), want));

  it("the recorded failure of the dev container CLI: one finding for five attempts", () => {
    const findings = explainText(fixture("pull-refused.jsonl"));
    assert.deepEqual(
      findings.map(({ code, image, registry, confidence }) => ({ code, image, registry, confidence })),
      [
        {
          code: "connection-refused",
          image: "registry.example.com/acme/private:1",
          registry: "registry.example.com",
          confidence: "certain",
        },
      ],
    );
    assert.deepEqual(findings[0]!.evidence, [
      {
        asked: "in the text, 5 times",
        answered:
          'Error response from daemon: Get "http://registry.example.com/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
      },
    ]);
  });

  for (const name of ["up.jsonl", "no-passwd.jsonl"]) {
    it(`finds nothing in ${name}, where every image is there`, () => assert.deepEqual(told(fixture(name)), []));
  }

  it("the facts that sentences name", () => {
    const fact = (text: string, key: string) => (explainText(text)[0] as unknown as Record<string, unknown>)[key];
    assert.equal(
      fact('exec: "docker-credential-ecr-login": executable file not found in $PATH', "helper"),
      "ecr-login",
    );
    assert.equal(
      fact("no matching manifest for linux/arm64/v8 in the manifest list entries", "platform"),
      "linux/arm64/v8",
    );
    assert.equal(fact("client with IP '203.0.113.7' is not allowed access.", "address"), "203.0.113.7");
    assert.equal(fact("received unexpected HTTP status: 503 Service Unavailable", "status"), 503);
    assert.equal(fact("toomanyrequests: retry-after: 43.5s, allowed: 44000/minute", "retryAfter"), "43");
    assert.equal(
      fact("authorization denied by plugin acme: only ours", "detail"),
      "authorization denied by plugin acme: only ours",
    );
    assert.deepEqual(fact("no basic auth credentials", "credential"), { kind: "none" });
    assert.deepEqual(fact("denied: denied", "credential"), { kind: "unsaid" });
  });

  it("evidence names the line", () => {
    const [finding] = explainText("one\ntwo\nError response from daemon: denied\n");
    assert.deepEqual(finding!.evidence, [{ asked: "line 3", answered: "Error response from daemon: denied" }]);
  });

  describe("no secret survives", () => {
    const canary = "kT9canarykT9canarykT9";
    const texts: [name: string, text: string][] = [
      ["a header", `denied: denied Authorization: Bearer ${canary}`],
      ["a token answer", `{"token":"${canary}"} Error response from daemon: Get "https://ghcr.io/v2/": denied: denied`],
      ["a password in a URL", `Get "https://alice:${canary}@ghcr.io/v2/acme/app/manifests/1": unauthorized`],
      ["a token in a URL", `Get "https://ghcr.io/token?token=${canary}&service=ghcr.io": 403 Forbidden denied: denied`],
      [
        "a signed URL",
        `error pulling image configuration: Get https://x.cloudfront.net/b?Signature=${canary}&Key-Pair-Id=${canary}: x509: certificate has expired`,
      ],
      ["a JWT", `docker pull ghcr.io/acme/app\ndenied: denied eyJhbGciOiJub25l${canary}.${canary}.${canary}`],
      ["a password in an image's name", `docker pull alice:${canary}@ghcr.io/acme/app:1\ndenied: denied`],
      [
        "a line too long to be kept whole",
        `denied: denied ${"x".repeat(7_900)} Authorization: Basic ${canary} ${"y ".repeat(9_000)}`,
      ],
    ];
    for (const [name, text] of texts) {
      it(name, () => {
        const findings = explainText(text);
        assert.ok(findings.length > 0);
        assert.ok(!JSON.stringify(findings).includes(canary), JSON.stringify(findings));
      });
    }
    it("of those that are known", () => {
      const known = [{ username: "alice", value: new Redacted("hunter2hunter2") }];
      const findings = explainText(
        "Error response from daemon: Get https://reg.example.com/v2/: denied: denied for hunter2hunter2",
        known,
      );
      assert.equal(findings.length, 1);
      assert.ok(!JSON.stringify(findings).includes("hunter2"));
    });
    it("of the signed URLs of the vectors", () => {
      const rows = JSON.parse(readFileSync(join(process.cwd(), "test/fixtures/vectors/pull-errors.json"), "utf8")) as {
        in: { text: string };
      }[];
      const signed = rows.map((row) => row.in.text).filter((text) => /Signature=|verify=/.test(text));
      assert.ok(signed.length >= 2);
      for (const text of signed) {
        const [, secret] = /(?:verify|Key-Pair-Id)=([^&:"\s]+)/.exec(text)!;
        const answered = explainText(text)[0]!.evidence[0]!.answered;
        assert.ok(answered.includes("[redacted]"));
        assert.ok(!answered.includes(`=${secret!}`), answered);
      }
    });
  });

  describe("whatever comes", () => {
    const words = fc.constantFrom(
      "denied: denied",
      "manifest for ",
      "docker pull ",
      "ghcr.io/acme/app:1",
      'Get "https://ghcr.io/v2/acme/app/manifests/1": ',
      "unauthorized",
      "\n",
      "\r\n",
      "\u001b[31m",
      "\u001b]",
      '{"type":"raw","text":"',
      '"}',
      "\\",
      "%",
      "@",
      "://",
      "lookup ",
      "x509: ",
      "#5 ",
      " ERROR: ",
      "https://ghcr.io/token?scope=repository%3A%",
    );
    const hostile = fc
      .array(fc.oneof(words, fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 60 })
      .map((parts) => parts.join(""));

    it("it never throws, and every finding is complete", () => {
      fc.assert(
        fc.property(hostile, (text) => {
          for (const finding of explainText(text)) {
            assert.ok(finding.evidence.length >= 1 && finding.evidence.length <= 6);
            assert.ok(finding.evidence.every(({ answered }) => answered.length <= 601));
          }
        }),
        { numRuns: 500 },
      );
    });

    it("one endless line takes time in proportion to it", () => {
      for (const piece of ["docker-credential-", "a.", "a-", "-eyJaaaaaaaa", "docker pull ", "https://a/v2/a", "a@"])
        assert.equal(explainText(`${piece.repeat(800_000 / piece.length)} manifest unknown`).length, 1, piece);
    });

    it("of more than 4 MB the last part is read", () => {
      const filler = `${"x".repeat(99)}\n`.repeat(45_000);
      const first = "Error response from daemon: manifest for ghcr.io/acme/first:1 not found: manifest unknown\n";
      const last = "Error response from daemon: manifest for ghcr.io/acme/last:1 not found: manifest unknown\n";
      assert.deepEqual(told(first + filler + last), ["unknown-tag ghcr.io ghcr.io/acme/last:1"]);
      assert.deepEqual(told("x".repeat(5_000_000)), []);
    });

    it("millions of images give some hundred findings", () => {
      const text = Array.from({ length: 3_000 }, (_, index) => `manifest for ghcr.io/acme/a${index}:1 not found`).join(
        "\n",
      );
      const findings = explainText(text);
      assert.equal(findings.length, 500);
      assert.equal(findings.at(-1)!.image, "ghcr.io/acme/a2999:1");
    });

    it("lines about other things do not change the cause", () => {
      const rows = JSON.parse(readFileSync(join(process.cwd(), "test/fixtures/vectors/pull-errors.json"), "utf8")) as {
        in: { text: string };
      }[];
      fc.assert(
        fc.property(
          fc.constantFrom(...rows.map((row) => row.in.text)),
          fc.array(fc.constantFrom(...UNRELATED), { maxLength: 12 }),
          fc.array(fc.constantFrom(...UNRELATED), { maxLength: 12 }),
          (text, before, after) => assert.deepEqual(told(lines(...before, text, ...after)), told(text)),
        ),
        { numRuns: 600 },
      );
    });

    it("lines about other things alone are no failed pull", () => assert.deepEqual(told(UNRELATED.join("\n")), []));
  });
});

/** What stands in real logs beside a failed pull. */
const UNRELATED = [
  "",
  "npm warn deprecated inflight@1.0.6: This module is not supported",
  "npm ERR! code E401",
  "npm ERR! 401 Unauthorized - GET https://npm.pkg.github.com/@acme%2ftool - unauthenticated: User cannot be authenticated",
  "npm ERR! 403 Forbidden - GET https://packages.example.org/nope",
  "npm ERR! 503 Service Unavailable - GET https://packages.example.org/nope",
  "npm ERR! errno ECONNREFUSED",
  "npm ERR! network request to https://packages.example.org/x failed, reason: getaddrinfo ENOTFOUND packages.example.org",
  "Err:1 http://mirror.example.org/debian bookworm InRelease Temporary failure resolving 'mirror.example.org'",
  "curl: (6) Could not resolve host: example.com",
  "curl: (60) SSL certificate problem: self-signed certificate",
  'go: example.com/m: Get "https://modules.example.org/example.com/m/@v/list": dial tcp: lookup modules.example.org: no such host',
  "fatal: Authentication failed for 'https://github.com/acme/app.git/'",
  "git@github.com: Permission denied (publickey).",
  "remote: HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled.",
  "#9 1.204 remote: HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled and you must use a personal access token instead of a password. See https://gitlab.com/help/topics/git/troubleshooting_git#error-on-git-fetch-http-basic-access-denied",
  "remote: Please use a personal access token instead.",
  'An unexpected error occurred: "https://registry.yarnpkg.com/x: getaddrinfo ENOTFOUND registry.yarnpkg.com".',
  "ssl.SSLCertVerificationError: certificate verify failed: unable to get local issuer certificate (_ssl.c:1000)",
  "cp: error writing 'big.bin': No space left on device",
  "could not write to target/x: No space left on device (os error 28) while pulling crates",
  "bash: ./run.sh: Permission denied",
  "98.56 npm error 403 403 Forbidden - GET https://npm.pkg.github.com/download/@acme/tool/1.0.0/abc - Permission permission_denied: read_package",
  "npm error 401 Unauthorized - GET https://npm.pkg.github.com/@acme%2ftool - unauthenticated: User cannot be authenticated with the token provided.",
  'npm error 403 Forbidden - GET https://us-npm.pkg.dev/acme/npm/tool - Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/acme/locations/us/repositories/npm" (or it may not exist)',
  "error NU1301: Response status code does not indicate success: 401 (Unauthorized - The access token has expired for https://pkgs.dev.azure.com/acme/).",
  "Error: 7 PERMISSION_DENIED: Missing or insufficient permissions.",
  "Support for password authentication was removed on August 13, 2021. Please use a personal access token instead.",
  "GraphQL: Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.",
  '{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token."}',
  "ERROR: Could not find a version that satisfies the requirement docker-image-py (from versions: none): Failed to establish a new connection: [Errno 111] Connection refused",
  "Error: GET https://api.example.org/v1/users: 503 Service Unavailable",
  "Too many failed login attempts. Please try again in 5 minutes.",
  "svn: E215004: Authentication failed: invalid username or password",
  "Error: connect ECONNREFUSED 127.0.0.1:5432",
  "psql: error: connection to server at localhost refused: Connection refused",
  'Failed to resolve import "./missing" from "src/main.ts". Does the file exist?',
  "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.",
  "#9 12.34 added 120 packages, and audited 121 packages in 3s",
  "#9 DONE 14.2s",
  "[2 ms] Start: Run: docker buildx version",
  "Successfully compiled 120 modules",
  "WARNING: apt does not have a stable CLI interface.",
  "warning: LF will be replaced by CRLF in README.md.",
];
