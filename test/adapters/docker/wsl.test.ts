import { strict as assert } from "node:assert";
import { dockerEngine } from "../../../src/adapters/docker/engine";
import { wslClient, wslProblem } from "../../../src/adapters/docker/wsl";
import type { FailureCode } from "../../../src/domain/failure";
import { failureWith } from "../../fakes/failures";
import { StandInDocker, type Answer } from "../../fakes/standInDocker";
import { temporaryFolder } from "../../fakes/temporaryFolder";

/** What stands in the way, as it was reported (docker/desktop-feedback#47, microsoft/WSL#9879 and #9949, docker/docs#11099). */
const SAID = {
  noDistribution:
    "There is no distribution with the supplied name.\r\nError code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND\r\n",
  noDistributions:
    "Windows Subsystem for Linux has no installed distributions.\r\n\r\nUse 'wsl.exe --list --online' to list available distributions\r\n",
  noIntegration:
    "\nThe command 'docker' could not be found in this WSL 2 distro.\nWe recommend to activate the WSL integration in Docker Desktop settings.\n\nFor details about using Docker Desktop with WSL 2, visit:\n\nhttps://docs.docker.com/go/wsl2/\n\n",
  wsl1: "\nThe command 'docker' could not be found in this WSL 1 distro.\nWe recommend to convert this distro to WSL 2 and activate\nthe WSL integration in Docker Desktop settings.\n",
} as const;

describe("docker in a WSL distribution", () => {
  const folder = temporaryFolder();

  it("is run without a shell, and only with the variables that choose the engine", () => {
    const env = { Path: "C:\\Windows", DOCKER_HOST: "tcp://127.0.0.1:2375", WSLENV: "GOPATH/l" };
    assert.deepEqual(wslClient("Ubuntu", "docker", env), {
      path: "wsl.exe",
      before: ["--distribution", "Ubuntu", "--exec", "docker"],
      env: { ...env, WSL_UTF8: "1", WSLENV: "GOPATH/l:DOCKER_HOST/u" },
    });
    assert.equal(wslClient("Ubuntu", "docker", {}).env["WSLENV"], undefined);
  });

  const problems: [name: string, text: string, expected: string | undefined][] = [
    [
      "a distribution that is not there",
      SAID.noDistribution,
      "There is no distribution with the supplied name. Error code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND",
    ],
    [
      "the same in UTF-16",
      SAID.noDistribution.replace(/[^]/g, "$&\0"),
      "There is no distribution with the supplied name. Error code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND",
    ],
    [
      "no distribution at all",
      SAID.noDistributions,
      "Windows Subsystem for Linux has no installed distributions. Use 'wsl.exe --list --online' to list available distributions",
    ],
    [
      "Docker Desktop without its integration",
      SAID.noIntegration,
      "The command 'docker' could not be found in this WSL 2 distro. We recommend to activate the WSL integration in Docker Desktop settings.",
    ],
    [
      "WSL 1",
      SAID.wsl1,
      "The command 'docker' could not be found in this WSL 1 distro. We recommend to convert this distro to WSL 2 and activate",
    ],
    ["docker's own words", "Error response from daemon: No such container: abc\n", undefined],
    ["nothing", "", undefined],
  ];
  for (const [name, text, expected] of problems) it(name, () => assert.equal(wslProblem(text), expected));

  const failures: [name: string, answer: Answer, code: FailureCode][] = [
    ["wsl.exe says it on its output", { stdout: SAID.noDistribution, exitCode: 255 }, "engine-missing"],
    ["Docker Desktop's script says it", { stderr: SAID.noIntegration, exitCode: 1 }, "engine-missing"],
    [
      "the engine is off",
      {
        stderr: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
        exitCode: 1,
      },
      "engine-unreachable",
    ],
  ];
  for (const [name, answer, code] of failures) {
    it(`a person reads what is wrong: ${name}`, async () => {
      const docker = new StandInDocker(folder()).on("--distribution Ubuntu --exec docker ps", answer);
      const client = { ...wslClient("Ubuntu", "docker", { PATH: "/usr/bin:/bin" }), path: docker.path };
      await assert.rejects(dockerEngine(client).containers(), failureWith(code));
    });
  }
});
