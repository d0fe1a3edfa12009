import { strict as assert } from "node:assert";
import { insecureRegistries } from "../../../src/adapters/docker/insecureRegistries";
import { StandInDocker, type Answer } from "../../fakes/standInDocker";
import { temporaryFolder } from "../../fakes/temporaryFolder";

/** Recorded of an engine 20.10.24 as it comes; the second adds two registries and a network in the same form. */
const PLAIN =
  '{"IndexConfigs":{"docker.io":{"Mirrors":[],"Name":"docker.io","Official":true,"Secure":true}},"InsecureRegistryCIDRs":["127.0.0.0/8"],"Mirrors":[]}';
const SOME =
  '{"IndexConfigs":{"docker.io":{"Secure":true},"reg.test:5000":{"Secure":false},"other.test":{"Secure":false}},"InsecureRegistryCIDRs":["10.0.0.0/8","127.0.0.0/8"]}';

describe("the registries that the engine regards as insecure", () => {
  const folder = temporaryFolder();
  const cases: [what: string, answer: Answer, want: string[]][] = [
    ["an engine as it comes", { stdout: PLAIN }, ["127.0.0.0/8"]],
    ["one with some", { stdout: SOME }, ["10.0.0.0/8", "127.0.0.0/8", "reg.test:5000", "other.test"]],
    ["one without lists", { stdout: "{}" }, []],
    ["one that does not answer", { stderr: "Cannot connect to the Docker daemon", exitCode: 1 }, []],
    ["another program (podman has no such field)", { stdout: "null" }, []],
    ["no JSON", { stdout: "<no value>" }, []],
  ];
  for (const [what, answer, want] of cases) {
    it(`${what}: ${want.join(" ") || "none"}`, async () => {
      const docker = new StandInDocker(folder()).on("info", answer);
      const client = { path: docker.path, env: { PATH: "/usr/bin:/bin" } };
      assert.deepEqual(await insecureRegistries(client), want);
      assert.deepEqual(docker.calls, [["info", "--format", "{{json .RegistryConfig}}"]]);
    });
  }

  it("a client that is not there: none", async () => {
    assert.deepEqual(await insecureRegistries({ path: "/nonexistent/docker", env: {} }), []);
  });
});
