import { strict as assert } from "node:assert";
import fc from "fast-check";
import { readTriplets, withoutTriplets } from "../../../src/domain/secret/triplets";

const CANARY = "kT9-canary";

function triplet(prefix: string, server: string, user = "octocat", password = CANARY) {
  return {
    [`${prefix}_CONTAINER_REGISTRY_SERVER`]: server,
    [`${prefix}_CONTAINER_REGISTRY_USER`]: user,
    [`${prefix}_CONTAINER_REGISTRY_PASSWORD`]: password,
  };
}

/** `name host user`, and the codes of the problems. */
function read(variables: Record<string, string | undefined>) {
  const { secrets, problems } = readTriplets(variables, 7);
  return {
    secrets: secrets.map(
      ({ name, host, credential }) =>
        `${name} ${host.key} ${credential.kind === "password" ? credential.username : credential.kind}`,
    ),
    problems: problems.map(({ code }) => code),
  };
}

describe("registry triplets in variables", () => {
  const cases: [what: string, variables: Record<string, string | undefined>, secrets: string[], problems: string[]][] =
    [
      ["none", { PATH: "/bin", HOME: undefined }, [], []],
      ["one", triplet("GHCR", "ghcr.io"), ["GHCR ghcr.io octocat"], []],
      [
        "two, by name",
        { ...triplet("ZED", "quay.io"), ...triplet("ACME", "ghcr.io") },
        ["ACME ghcr.io octocat", "ZED quay.io octocat"],
        [],
      ],
      ["names in lower case", triplet("ghcr", "ghcr.io"), ["GHCR ghcr.io octocat"], []],
      [
        "names in mixed case are one triplet",
        {
          Ghcr_Container_Registry_Server: "ghcr.io",
          GHCR_CONTAINER_REGISTRY_USER: "u",
          ghcr_container_registry_password: "p",
        },
        ["GHCR ghcr.io u"],
        [],
      ],
      ["a host with scheme and path", triplet("GHCR", "https://ghcr.io/acme/"), ["GHCR ghcr.io octocat"], []],
      [
        "a host with a port",
        triplet("OWN", "registry.example.com:5000"),
        ["OWN registry.example.com:5000 octocat"],
        [],
      ],
      [
        "Docker Hub's key",
        triplet("HUB", "https://index.docker.io/v1/"),
        ["HUB https://index.docker.io/v1/ octocat"],
        [],
      ],
      [
        "runner-native for ECR",
        triplet("ECR", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "runner-native", "runner-native"),
        ["ECR 123456789012.dkr.ecr.eu-west-1.amazonaws.com runner-native"],
        [],
      ],
      [
        "runner-native for another host",
        triplet("GHCR", "ghcr.io", "runner-native", "runner-native"),
        [],
        ["runner-native-not-supported"],
      ],
      [
        "one without a password",
        { ...triplet("GHCR", "ghcr.io"), GHCR_CONTAINER_REGISTRY_PASSWORD: undefined },
        [],
        ["incomplete-triplet"],
      ],
      ["one with an empty user", triplet("GHCR", "ghcr.io", ""), [], ["incomplete-triplet"]],
      ["only a server", { GHCR_CONTAINER_REGISTRY_SERVER: "ghcr.io" }, [], ["incomplete-triplet"]],
      [
        "a broken one beside a good one",
        { ...triplet("BAD", "not a host"), ...triplet("GHCR", "ghcr.io") },
        ["GHCR ghcr.io octocat"],
        ["invalid-registry-host"],
      ],
      [
        "two for one host",
        { ...triplet("B", "https://GHCR.io"), ...triplet("A", "ghcr.io") },
        ["A ghcr.io octocat"],
        ["secret-host-taken"],
      ],
      [
        "two spellings of Docker Hub",
        { ...triplet("A", "docker.io"), ...triplet("B", "registry-1.docker.io") },
        ["A https://index.docker.io/v1/ octocat"],
        ["secret-host-taken"],
      ],
      [
        "a name that only looks so",
        { CONTAINER_REGISTRY_SERVER: "x", GHCR_CONTAINER_REGISTRY_SERVERS: "x", "9_CONTAINER_REGISTRY_USER": "x" },
        [],
        [],
      ],
      [
        "a prefix with the words in it",
        triplet("A_CONTAINER_REGISTRY_B", "ghcr.io"),
        ["A_CONTAINER_REGISTRY_B ghcr.io octocat"],
        [],
      ],
    ];
  for (const [what, variables, secrets, problems] of cases) {
    it(what, () => assert.deepEqual(read(variables), { secrets, problems }));
  }

  it("makes user secrets of the given time, with the value as it is", () => {
    const [secret] = readTriplets(triplet("GHCR", "ghcr.io", "octocat", " p\n"), 7).secrets;
    assert.ok(secret?.credential.kind === "password");
    assert.deepEqual([secret.scope, secret.createdAt, secret.updatedAt], ["user", 7, 7]);
    assert.equal(secret.credential.password.reveal(), " p\n");
  });

  it("lets a later variable of the same name in other letters win", () => {
    const { secrets } = readTriplets({ ...triplet("ghcr", "ghcr.io", "one"), ...triplet("GHCR", "ghcr.io", "two") }, 7);
    assert.deepEqual(
      secrets.map(({ credential }) => credential.kind === "password" && credential.username),
      ["two"],
    );
  });

  const sentences: [what: string, variables: Record<string, string>, words: RegExp][] = [
    [
      "which variable is missing",
      { GHCR_CONTAINER_REGISTRY_SERVER: "ghcr.io", GHCR_CONTAINER_REGISTRY_USER: "u" },
      /^GHCR_CONTAINER_REGISTRY_PASSWORD is missing/,
    ],
    [
      "which variables are missing",
      { GHCR_CONTAINER_REGISTRY_SERVER: "ghcr.io" },
      /_USER and GHCR_CONTAINER_REGISTRY_PASSWORD are missing/,
    ],
    [
      "which triplet has the wrong host",
      triplet("GHCR", "a b"),
      /GHCR_CONTAINER_REGISTRY_\* cannot be used: A registry host/,
    ],
    [
      "which triplet has the wrong user",
      triplet("GHCR", "ghcr.io", " "),
      /GHCR_CONTAINER_REGISTRY_\* cannot be used: The registry username/,
    ],
    [
      "which two collide",
      { ...triplet("A", "ghcr.io"), ...triplet("B", "ghcr.io") },
      /B_CONTAINER_REGISTRY_SERVER names ghcr\.io.*A_/,
    ],
  ];
  for (const [what, variables, words] of sentences) {
    it(`says ${what}, and never the value`, () => {
      const [problem, ...others] = readTriplets(variables, 7).problems;
      assert.match(problem?.message ?? "", words);
      assert.deepEqual(others, []);
      assert.ok(!JSON.stringify([problem, problem?.message]).includes(CANARY));
    });
  }

  it("does not repeat what could be a password in a server", () => {
    const { problems } = readTriplets(triplet("GHCR", `https://u:${CANARY}@ghcr.io`), 7);
    assert.equal(problems.length, 1);
    assert.ok(!problems[0]?.message.includes(CANARY));
  });

  it("never throws, and never gives two secrets for one host", () => {
    const name = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom("A", "b", "_", "__proto__", "C9"), fc.constantFrom("SERVER", "USER", "PASSWORD", "X"))
        .map(([prefix, part]) => `${prefix}_CONTAINER_REGISTRY_${part}`),
    );
    const value = fc.oneof(fc.constantFrom("ghcr.io", "docker.io", "runner-native", ""), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, value), (variables) => {
        const { secrets } = readTriplets(variables, 7);
        assert.equal(new Set(secrets.map(({ host }) => host.key)).size, secrets.length);
      }),
    );
  });
});

describe("variables without triplets", () => {
  it("keep everything but parts of a triplet, complete or not", () => {
    const variables = {
      PATH: "/bin",
      ...triplet("GHCR", "ghcr.io"),
      quay_container_registry_password: "p",
      MY_PASSWORD: "mine",
    };
    assert.deepEqual(withoutTriplets(variables), { PATH: "/bin", MY_PASSWORD: "mine" });
  });

  it("hold nothing of which a secret could be read", () => {
    const name = fc
      .tuple(fc.stringMatching(/^[A-Za-z_]{1,4}$/), fc.constantFrom("SERVER", "user", "Password"))
      .map(([prefix, part]) => `${prefix}_CONTAINER_REGISTRY_${part}`);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (variables) => assert.deepEqual(withoutTriplets(variables), {})),
    );
  });
});
