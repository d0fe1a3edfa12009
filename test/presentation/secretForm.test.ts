import { strict as assert } from "node:assert";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { checkHost, placeholderPrompt, presetHost, registryChoices } from "../../src/presentation/secretForm";

describe("the choices of a registry", () => {
  it("are the rows of the specification's table in its order, and any other host", () => {
    assert.deepEqual(
      registryChoices().map(({ label, description }) => `${label}: ${description}`),
      [
        "Docker Hub: https://index.docker.io/v1/",
        "GitHub Container Registry: ghcr.io",
        "GitLab Container Registry: registry.gitlab.com",
        "Azure Container Registry: [name].azurecr.io",
        "Google Artifact Registry: [region]-docker.pkg.dev",
        "AWS ECR: [account-id].dkr.ecr.[region].amazonaws.com",
        "Another registry…: any host, with its port if it has one",
      ],
    );
  });

  it("each give a host of that registry when filled in with the examples", () => {
    const examples: Record<string, string> = { "account-id": "123456789012", region: "eu-central-1", name: "acme" };
    for (const { preset } of registryChoices()) {
      if (!preset) continue;
      const host = parseRegistryHost(presetHost(preset, examples));
      assert.doesNotMatch(host.key, /[[\]]/);
      for (const name of preset.placeholders) {
        const { pattern, example, prompt, wrong } = placeholderPrompt(name);
        assert.match(examples[name] ?? "", pattern);
        assert.doesNotMatch("a b", pattern);
        assert.ok(prompt !== "" && example !== "" && wrong.endsWith("."));
      }
    }
  });
});

describe("a typed host", () => {
  const cases: [text: string, want: string][] = [
    ["ghcr.io", "fine"],
    ["GHCR.IO", "fine: Saved as ghcr.io"],
    ["https://ghcr.io/", "fine: Saved as ghcr.io"],
    [
      "https://ghcr.io/acme",
      "fine: Docker looks credentials up by host: saved as ghcr.io, for all of its repositories (not only /acme)",
    ],
    ["docker.io", "fine: This is Docker Hub: saved as https://index.docker.io/v1/"],
    ["https://index.docker.io/v1/", "fine"],
    ["", "error: Enter the registry hostname."],
    ["  ", "error: Enter the registry hostname."],
  ];
  for (const [text, want] of cases) {
    it(`${JSON.stringify(text)}: ${want}`, () => {
      const check = checkHost(text);
      const said = check.kind === "error" ? check.text : check.remark;
      assert.equal(said === undefined ? check.kind : `${check.kind}: ${said}`, want);
    });
  }

  it("that is none is told why, without a password that stands in it", () => {
    const check = checkHost("https://u:kT9-canary@ghcr.io");
    assert.ok(check.kind === "error");
    assert.match(check.text, /user name or password/);
    assert.ok(!check.text.includes("canary"));
  });
});
