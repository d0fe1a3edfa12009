import { strict as assert } from "node:assert";
import { identifyRegistry } from "../../src/domain/registry/catalog";
import { parseRegistryHost } from "../../src/domain/registry/host";
import {
  checkHost,
  placeholderPrompt,
  presetHost,
  presetValues,
  projectFirst,
  registriesInUse,
  registryChoices,
} from "../../src/presentation/secretForm";
import { aSecret } from "../fakes/samples";

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

describe("the registries that a workspace names", () => {
  const named = [
    { registry: "ghcr.io", project: "a" },
    { registry: "quay.io", project: "b" },
    { registry: "docker.io", project: "a" },
    { registry: "ghcr.io", project: "b" },
  ];
  const orders: [of: string | undefined, order: string][] = [
    [undefined, "ghcr.io quay.io docker.io"],
    ["a", "ghcr.io docker.io quay.io"],
    ["b", "quay.io ghcr.io docker.io"],
  ];
  for (const [project, order] of orders) {
    it(`come each once, those of project ${project ?? "(none)"} first`, () => {
      assert.equal(projectFirst(named, project).join(" "), order);
    });
  }

  it("are offered each once, those without a secret first, Docker Hub by its name, and none that no network has", () => {
    const registries = ["ghcr.io", "docker.io", "quay.io", "ghcr.io", "ghcr.io:443", "index.docker.io", "x:99999"];
    assert.deepEqual(
      registriesInUse(registries, [aSecret({ name: "MINE", host: "ghcr.io" })]).map(
        ({ label, description, host }) => `${label} (${host.key}): ${description}`,
      ),
      [
        "Docker Hub (https://index.docker.io/v1/): named in this workspace",
        "quay.io (quay.io): named in this workspace",
        "ghcr.io (ghcr.io): MINE is for it already",
      ],
    );
  });

  const cases: [kind: string, registry: string, want: Record<string, string>][] = [
    ["ecr", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", { "account-id": "123456789012", region: "eu-west-1" }],
    ["gar", "europe-west1-docker.pkg.dev", { region: "europe-west1" }],
    ["acr", "acme.azurecr.io", { name: "acme" }],
    ["acr", "ghcr.io", {}],
    ["ghcr", "ghcr.io", {}],
  ];
  for (const [kind, registry, want] of cases) {
    it(`fill in a preset: ${kind} by ${registry}`, () => {
      const preset = registryChoices().find((choice) => choice.preset?.kind === kind)?.preset;
      assert.ok(preset);
      assert.deepEqual(presetValues(preset, ["quay.io", registry]), want);
    });
  }
});

describe("the ECR registry of a region", () => {
  const cases: [region: string, partition: string, host: string][] = [
    ["eu-central-1", "aws", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"],
    ["us-gov-west-1", "aws-us-gov", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com"],
    ["cn-north-1", "aws-cn", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"],
    ["us-iso-east-1", "aws-iso", "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov"],
    ["us-isob-east-1", "aws-iso-b", "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov"],
    ["eu-isoe-west-1", "aws-iso-e", "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk"],
    ["us-isof-south-1", "aws-iso-f", "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov"],
    ["eusc-de-east-1", "aws-eusc", "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu"],
  ];
  for (const [region, partition, host] of cases) {
    it(`${region} is ${host}`, () => {
      const preset = registryChoices().find((choice) => choice.preset?.kind === "ecr")?.preset;
      assert.ok(preset);
      assert.equal(presetHost(preset, { "account-id": "123456789012", region }), host);
      const identity = identifyRegistry(host);
      assert.ok(identity.kind === "ecr" && identity.partition === partition && identity.region === region);
    });
  }
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
