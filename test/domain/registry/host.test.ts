import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { DOCKER_HUB_KEY, hostOfReference, isLoopback, parseRegistryHost } from "../../../src/domain/registry/host";
import { fixtureRows, judge, orFailure, type Row } from "../../fixtures/vectors/judge";

describe("registry host", () => {
  const cases: [text: string, key: string, notes: string][] = [
    ["ghcr.io", "ghcr.io", ""],
    ["  ghcr.io\n", "ghcr.io", "whitespace"],
    ["GHCR.io", "ghcr.io", "case"],
    ["https://ghcr.io/", "ghcr.io", "scheme path"],
    ["HTTPS://Registry.Example.com:443/team/app", "registry.example.com", "scheme path case default-port"],
    ["http://registry.example.com:80", "registry.example.com:80", "scheme"],
    ["http://registry.example.com:443", "registry.example.com", "scheme default-port"],
    ["oci://ghcr.io/acme/features", "ghcr.io", "scheme path"],
    ["ghcr.io/acme/app:1@sha256:abc123", "ghcr.io", "path"],
    ["https://ghcr.io?x=1", "ghcr.io", "scheme path"],
    ["registry:5000", "registry:5000", ""],
    ["registry:443", "registry:443", ""],
    ["localhost", "localhost", ""],
    ["localhost:443", "localhost", "default-port"],
    ["127.0.0.1:5000", "127.0.0.1:5000", ""],
    ["[2001:DB8::1]:5000", "[2001:db8::1]:5000", "case"],
    ["[::1]:443", "[::1]", "default-port"],
    ["xn--n3h.com", "xn--n3h.com", ""],
    [DOCKER_HUB_KEY, DOCKER_HUB_KEY, ""],
    ["docker.io", DOCKER_HUB_KEY, "hub-spelling"],
    ["index.docker.io", DOCKER_HUB_KEY, "hub-spelling"],
    ["registry-1.docker.io", DOCKER_HUB_KEY, "hub-spelling"],
    ["https://registry-1.docker.io:443/v2/", DOCKER_HUB_KEY, "hub-spelling"],
    ["https://index.docker.io/v1", DOCKER_HUB_KEY, "hub-spelling"],
    ["https://hub.docker.com/r/acme/app", DOCKER_HUB_KEY, "hub-spelling"],
    ["www.docker.com", DOCKER_HUB_KEY, "hub-spelling"],
    ["docker.io:8001", "docker.io:8001", ""],
    ["docker.io.example.com", "docker.io.example.com", ""],
  ];
  for (const [text, key, notes] of cases) {
    it(`${JSON.stringify(text)} is ${key}`, () => {
      const host = parseRegistryHost(text);
      assert.equal(host.key, key);
      assert.equal(host.notes.map((note) => note.code).join(" "), notes);
    });
  }

  it("says what was stripped", () => {
    assert.deepEqual(parseRegistryHost("https://Ghcr.io/acme/app?token=x").notes, [
      { code: "scheme", text: "https://" },
      { code: "path", text: "/acme/app" },
      { code: "case", text: "Ghcr.io" },
    ]);
  });

  it("contacts Docker Hub where its API is", () => {
    const { authority, display } = parseRegistryHost("docker.io");
    assert.deepEqual({ authority, display }, { authority: "registry-1.docker.io", display: "docker.io" });
  });

  const wrong: [text: string, message: RegExp][] = [
    ["", /empty/],
    [" \n", /empty/],
    ["https://", /no name/],
    ["/v2/", /no name/],
    [":5000", /no name/],
    ["ghcr io", /spaces/],
    ["ghcr.io\nevil.example", /line breaks/],
    ["ghcr.io\u0000", /spaces or line breaks/],
    ["ftp://registry.example.com", /"ftp:\/\/"/],
    ["my_registry.example.com", /underscore/],
    ["registry.example.com:", /not a port number/],
    ["registry.example.com:0", /ports go from 1 to 65535/],
    ["registry.example.com:65536", /ports go from 1 to 65535/],
    ["registry..example.com", /empty part/],
    ["registry.example.com.", /empty part/],
    ["-a.example.com", /"-a" cannot be part of a host/],
    ["ghcr.io?x=1", /cannot be part of a host/],
    ["a*.example.com", /cannot be part of a host/],
    [`${"a".repeat(64)}.example.com`, /cannot be part of a host/],
    [`${"a.".repeat(127)}example`, /longer than 253/],
    ["2001:db8::1", /brackets/],
    ["[2001:db8::1", /not a host name/],
    ["[fd00123123123]", /not an IPv6/],
    ["192.168.1", /not an IPv4/],
    ["256.1.1.1", /not an IPv4/],
    ["bücher.example", /xn--bcher-kva\.example/],
    ["x".repeat(3000), /far too long/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(
        () => parseRegistryHost(text),
        (error) => error instanceof Failure && error.code === "invalid-registry-host" && message.test(error.message),
      );
    });
  }

  for (const text of [
    "https://user:hunter2@ghcr.io",
    "user:hunter2@ghcr.io",
    "https://user:hunter2/x@ghcr.io",
    "https://user:1/hunter2@ghcr.io",
    "user:hunter2",
    "user:pass:hunter2",
    "ftp://user:hunter2@ghcr.io",
  ]) {
    it(`never repeats a password: ${text.replace("hunter2", "***")}`, () => {
      assert.throws(
        () => parseRegistryHost(text),
        (error) => error instanceof Failure && !(error.message + JSON.stringify(error.facts)).includes("hunter2"),
      );
    });
  }

  it("takes the registry of a reference", () => {
    assert.equal(hostOfReference({ registry: "docker.io" }).key, DOCKER_HUB_KEY);
    assert.equal(hostOfReference({ registry: "localhost:5000" }).key, "localhost:5000");
  });

  it("the key of a host is the key of its key, and names the same place", () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?$/);
    const host = fc
      .tuple(
        fc.constantFrom("", "https://", "http://", "oci://"),
        fc.oneof(
          fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join(".")),
          fc.ipV4(),
          fc.ipV6().map((ip) => `[${ip}]`),
          fc.constantFrom("docker.io", "localhost"),
        ),
        fc.constantFrom("", ":443", ":80", ":5000"),
        fc.constantFrom("", "/", "/v2/", "/a/b:c"),
      )
      .map((parts) => parts.join(""));
    let parsed = 0;
    fc.assert(
      fc.property(fc.oneof(host, fc.string()), (text) => {
        const first = orFailure(() => parseRegistryHost(text), "invalid-registry-host");
        if (first === undefined) return;
        parsed++;
        const again = parseRegistryHost(first.key);
        assert.deepEqual(again, { ...first, notes: [] });
      }),
      { numRuns: 1000 },
    );
    assert.ok(parsed > 100);
  });

  describe("vectors: distribution's domains", () => {
    const rows = fixtureRows<Row & { api: string; in: string; want: { match?: boolean } }>("image-references");
    judge(
      rows.filter((row) => row.api === "DomainRegexp"),
      {
        107: "there is no port 75050",
        108: "there is no port 750050",
        109: "there is no port 75050",
        112: "no IPv6 address, and there is no port 75050",
        113: "there is no port 75050",
      },
      ({ in: text, want }) => {
        assert.equal(orFailure(() => parseRegistryHost(text), "invalid-registry-host") !== undefined, want.match);
      },
    );
  });

  describe("vectors: go-containerregistry's registries", () => {
    const rows = fixtureRows<Row & { api: string; in: string; want: { registry?: string } }>("image-references");
    judge(
      rows.filter((row) => row.api.startsWith("ggcr.NewRegistry")),
      {},
      ({ in: text, want }) => {
        const expected = want.registry === "index.docker.io" ? DOCKER_HUB_KEY : want.registry;
        assert.equal(orFailure(() => parseRegistryHost(text), "invalid-registry-host")?.key, expected);
      },
    );
  });

  describe("vectors: which registry may speak plain http", () => {
    const rows = fixtureRows<Row & { api: string; in: string; want: { scheme: string } }>("image-references");
    judge(
      rows.filter((row) => row.api === "ggcr.Registry.Scheme"),
      { 197: "plain http only to this machine, not to the private network" },
      ({ in: text, want }) => {
        assert.equal(isLoopback(text), want.scheme === "http");
      },
    );
  });
});
