import { nearMissHost } from "../registry/nearMiss";
import type { DockerView, HelperView } from "./dockerEvidence";
import type { Exchange, ImageEvidence } from "./evidence";
import type { Finding, Remedy } from "./finding";

type Judgement = Pick<Finding, "code" | "confidence" | "remedies"> &
  Partial<Pick<Finding, "detail" | "similarHost" | "helper">>;

/**
 * The cause that lies in Docker's own config, or undefined if none does: a refusal that Docker's variable causes, a
 * helper or file that hides the login, a login for a host that is only like this one. For an image that is built on, a
 * broken helper counts although the image can be pulled: `docker pull` and the classic builder go on without it, and
 * BuildKit gives up as soon as the registry asks for a token (measured with 20.10; research/peers.md, section 0.4).
 */
export function judgeDockerView(evidence: ImageEvidence): Judgement | undefined {
  const { anonymous, authenticated, docker } = evidence;
  if (authenticated?.kind === "refused" && docker?.source?.kind === "environment") {
    if (isLockedOut(authenticated)) return undefined;
    const isLogin = authenticated.stage === "token" || authenticated.scheme === "basic";
    return {
      code: "docker-auth-config-shadows",
      confidence: isLogin ? "certain" : "likely",
      remedies: ["unset-docker-auth-config", "add-secret"],
    };
  }
  const attempt = authenticated ?? anonymous;
  const broken = docker?.helper && judgeHelper(docker.helper);
  if (attempt.kind === "ok") {
    const wasAskedForToken = attempt.exchanges.length > 1;
    return evidence.place.role === "build" && wasAskedForToken ? broken : undefined;
  }
  if (authenticated !== undefined || anonymous.kind !== "refused" || anonymous.scheme === "none") return undefined;
  if (isLockedOut(anonymous)) return undefined;
  const { kind } = evidence.credential;
  if (kind !== "none" && kind !== "broken") return undefined;
  if (docker?.config.state === "invalid" || docker?.config.state === "unreadable") {
    const { problem } = docker.config;
    return {
      code: "docker-config-broken",
      confidence: "likely",
      remedies: ["repair-docker-config", "add-secret"],
      ...(problem === undefined ? {} : { detail: problem }),
    };
  }
  if (broken) return broken;
  const near = nearMissHost(evidence.reference.registry, evidence.knownHosts ?? []);
  if (!near) return undefined;
  return {
    code: "near-miss-host",
    confidence: near.likeness === "spelling" || near.likeness === "port" ? "certain" : "likely",
    remedies: near.likeness === "spelling" ? ["add-secret"] : ["add-secret", "use-existing-host"],
    similarHost: near.host,
  };
}

function judgeHelper({ name, state, problem, signedOut, leftBy }: HelperView): Judgement | undefined {
  const detail = problem === undefined ? {} : { detail: problem };
  switch (state) {
    case "answered":
    case "knows-none":
      return undefined;
    case "missing":
      return {
        code: "helper-missing",
        confidence: "likely",
        // what an editor left behind cannot be installed
        remedies: leftBy === undefined ? ["install-helper", "add-secret"] : ["repair-docker-config", "add-secret"],
        helper: name,
        ...detail,
      };
    case "failing":
    case "hanging":
      return {
        code: "helper-failing",
        confidence: "likely",
        remedies: [signedOut === true ? "sign-in-to-cloud" : "repair-docker-config", "add-secret"],
        helper: name,
        ...detail,
      };
  }
}

/** Helpers that make their answers themselves: there is nothing in them to log out of. */
const MINTING = /^(?:ecr-login|gcloud|gcr|gcp|acr-env|acr-linux|acr-windows|acr-darwin)$/;

/** What frees a public image from the refused login in Docker's config. */
export function staleLoginRemedies(docker: DockerView | undefined): Remedy[] {
  const source = docker?.source;
  if (source?.kind === "helper" && MINTING.test(source.name)) return ["sign-in-to-cloud", "repair-docker-config"];
  return ["log-out", "add-secret"];
}

/** What Docker's side answered, one line each, as evidence. */
export function dockerExchanges(docker: DockerView | undefined, registry: string): Exchange[] {
  if (!docker) return [];
  const { config, helper, source, authConfig } = docker;
  const lines: Exchange[] = [];
  if (authConfig !== undefined) {
    const found = source?.kind === "environment" ? "has a login, which beats every other" : "has no login";
    const answered =
      authConfig === "read"
        ? found
        : authConfig === "invalid"
          ? "is not valid, so docker goes on without it"
          : "is not read by this docker client (28.3.0 and newer read it)";
    lines.push({ asked: `DOCKER_AUTH_CONFIG for ${registry}`, answered });
  }
  const from = config.from === "DOCKER_CONFIG" ? " (set by DOCKER_CONFIG)" : "";
  const inFile = source?.kind === "auths" ? `has a login under ${source.key}` : "has no login";
  const state = { read: inFile, absent: "does not exist", unreadable: "cannot be read", invalid: "is not valid" };
  if (helper === undefined || config.state !== "read") {
    lines.push({ asked: `Docker's ${config.file}${from} for ${registry}`, answered: state[config.state] });
  }
  if (helper) {
    const named = helper.from === "default" ? "the platform's default" : `${helper.from} of ${config.file}${from}`;
    const answered = {
      answered: "has a login",
      "knows-none": "has no login",
      missing: "is not on PATH",
      failing: "fails",
      hanging: "did not answer in time",
    }[helper.state];
    const left = helper.leftBy === undefined ? "" : ` (left behind by ${helper.leftBy})`;
    lines.push({
      asked: `docker-credential-${helper.name} (${named}) for ${registry}`,
      answered: `${answered}${left}`,
    });
  }
  for (const { file, of } of docker.elsewhere) {
    const whose = { podman: "podman's", "sudo-user": "the user's own", windows: "Windows'", home: "the home folder's" };
    lines.push({ asked: `${whose[of]} ${file}`, answered: `names ${registry}, and docker does not read it here` });
  }
  return lines;
}

function isLockedOut({ errors }: { readonly errors: readonly { readonly message: string }[] }): boolean {
  return errors.some(({ message }) => /too many failed login/i.test(message));
}
