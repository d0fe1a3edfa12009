import type { DockerAnswer, DockerLogin } from "../../src/domain/diagnosis/credentials";
import type { DockerView } from "../../src/domain/diagnosis/dockerEvidence";

/** What is seen of a Docker config without any login, changed as told. */
export function aDockerView(change: Partial<DockerView> = {}): DockerView {
  return {
    config: { file: "/home/dev/.docker/config.json", from: "home", state: "read" },
    hosts: [],
    elsewhere: [],
    ...change,
  };
}

/** A Docker that has a login for the registries that are given, and for no other. */
export function fakeDockerLogin(logins: Record<string, DockerAnswer["login"]> = {}): DockerLogin {
  return (registry) => {
    const login = logins[registry];
    return Promise.resolve({ ...(login ? { login } : {}), view: aDockerView() });
  };
}

export const noDockerLogin: DockerLogin = fakeDockerLogin();
