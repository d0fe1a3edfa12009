import { strict as assert } from "node:assert";
import type { DeliveryOutcome } from "../../src/domain/delivery/deliver";
import { Failure } from "../../src/domain/failure";
import { nativeTrouble } from "../../src/domain/secret/nativeIdentity";
import { candidateLine, deliveryLines, insideLines, readyText } from "../../src/presentation/deliveryText";
import { aContainer } from "../fakes/samples";

describe("a delivery in a line", () => {
  const cases: [outcome: DeliveryOutcome, line: string][] = [
    [{ kind: "delivered", hosts: ["ghcr.io", "quay.io"], skipped: [] }, "✓ app: logged in to ghcr.io, quay.io"],
    [{ kind: "delivered", hosts: [], skipped: [] }, "✓ app: logged out of everything"],
    [
      { kind: "delivered", hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] },
      "✓ app: logged in to ghcr.io (not to acme.azurecr.io: runner-native)",
    ],
    [
      { kind: "delivered", hosts: [], skipped: ["acme.azurecr.io"] },
      "✓ app: not logged in to acme.azurecr.io (runner-native)",
    ],
    [{ kind: "no-shell" }, "– app: the image has no shell, so nothing in it could log in"],
    [{ kind: "gone" }, "– app: stopped meanwhile; it is logged in when it starts again"],
    [
      { kind: "failed", failure: new Failure("delivery-failed", "It refused") },
      "✗ app: It refused. It is tried again at the next change or start.",
    ],
  ];
  for (const [outcome, line] of cases) {
    it(line, () => assert.equal(deliveryLines({ environment: { container: aContainer() }, outcome })[0], line));
  }

  const trouble = (facts: Failure["facts"], message = "It refused.") => new Failure("delivery-failed", message, facts);
  const besides: [outcome: DeliveryOutcome, lines: string[]][] = [
    [
      {
        kind: "delivered",
        hosts: ["ghcr.io"],
        skipped: [],
        troubles: [trouble({ reason: "home-read-only", container: "app", user: "1234", detail: "It refused." })],
      },
      [
        "✓ app: logged in to ghcr.io",
        "! app: 1234 is not logged in: It refused. It is tried again at the next change or start.",
      ],
    ],
    [
      {
        kind: "failed",
        failure: trouble({ reason: "no-such-user", container: "app", user: "dev", detail: "no matching entries" }),
        loggedIn: ["root"],
      },
      [
        "✗ app: app has no user dev: no matching entries. Name a user of the image as remoteUser, or recreate the environment.",
        "– app: only root is logged in",
      ],
    ],
    [
      {
        kind: "delivered",
        hosts: ["ghcr.io"],
        skipped: [],
        troubles: [
          trouble({
            reason: "variable-not-set",
            container: "app",
            user: "root",
            detail: "x",
            setting: "remoteUser",
            text: "${localEnv:USER}",
            variables: ["USER"],
          }),
        ],
      },
      [
        "✓ app: logged in to ghcr.io",
        '! app: remoteUser is "${localEnv:USER}", and USER has no value here: root is logged in instead. ' +
          "If that is wrong, give it a value where this program runs, or write a default: ${localEnv:NAME:default}.",
      ],
    ],
  ];
  for (const [outcome, lines] of besides) {
    it(lines.join(" / "), () =>
      assert.deepEqual(deliveryLines({ environment: { container: aContainer() }, outcome }), lines),
    );
  }

  it("says in lines of their own which logins a cloud does not give, and what to do", () => {
    const why = nativeTrouble("aws", "session-expired", "", { profile: "dev", signIn: "sso" });
    const withheld = [{ host: "123456789012.dkr.ecr.eu-central-1.amazonaws.com", secret: "PULL", why }];
    const outcome = { kind: "delivered", hosts: [], skipped: [], withheld } as const;
    const [line, ...others] = deliveryLines({ environment: { container: aContainer() }, outcome });
    assert.equal(line, "– app: logged in to nothing");
    assert.match(others.join("\n"), /^! PULL is not used: .* has expired.* Sign in: aws sso login --profile dev$/);
  });

  const inside: [host: string, command: RegExp][] = [
    [
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      /: aws ecr get-login-password --region eu-central-1 \| docker login --username AWS --password-stdin 1234\S+$/,
    ],
    ["public.ecr.aws", /: aws ecr-public get-login-password --region us-east-1 \| docker login .* public\.ecr\.aws$/],
    ["europe-docker.pkg.dev", /: gcloud auth configure-docker europe-docker\.pkg\.dev$/],
    ["gcr.io", /: gcloud auth configure-docker gcr\.io$/],
    ["acme.azurecr.io", /: az acr login --name acme$/],
  ];
  for (const [host, command] of inside) {
    it(`says how to log in to ${host} inside`, () => {
      const outcome = { kind: "delivered", hosts: [], skipped: [host] } as const;
      const [line, ...others] = insideLines({ environment: { container: aContainer() }, outcome });
      assert.match(line ?? "", command);
      assert.deepEqual(others, []);
    });
  }

  for (const why of ["label-of-image", "untrusted-folder", "folder-not-mounted"] as const) {
    it(`says why a candidate is left out: ${why}`, () =>
      assert.match(candidateLine("app", why), /^app is not delivered to: .*\.$/));
  }
});

describe("what is said of an environment that is ready", () => {
  const why = nativeTrouble("aws", "no-identity", "", { signIn: "sso" });
  const withheld = [{ host: "public.ecr.aws", secret: "PULL", why }];
  const none = { kind: "delivered", hosts: [], skipped: [] } as const;
  const cases: [outcome: DeliveryOutcome | undefined, text: RegExp, isWrong: boolean][] = [
    [{ ...none, hosts: ["ghcr.io", "quay.io"] }, /, and logged in inside: ghcr\.io, quay\.io\.$/, false],
    [none, /^The environment of app is ready\. There is no secret to log in with inside\.$/, false],
    [
      { ...none, hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] },
      /logged in inside: ghcr\.io\. Not logged in to acme\.azurecr\.io \(runner-native\)\.$/,
      false,
    ],
    [
      { ...none, skipped: ["acme.azurecr.io"] },
      /, and not logged in to anything inside\. Not logged in to acme/,
      false,
    ],
    [
      { ...none, withheld },
      /, and not logged in to anything inside\. PULL is not used: .* Sign in: aws sso login$/,
      true,
    ],
    [{ kind: "no-shell" }, /is ready\. Its image has no shell/, false],
    [{ kind: "gone" }, /is ready, and not logged in inside yet\.$/, false],
    [undefined, /is ready, and not logged in inside yet\.$/, false],
    [
      { kind: "failed", failure: new Failure("delivery-failed", "It refused") },
      /is ready, but the login inside failed: It refused\./,
      true,
    ],
  ];
  for (const [outcome, text, isWrong] of cases) {
    it(String(text), () => {
      const ready = readyText("app", outcome);
      assert.match(ready.text, text);
      assert.equal(ready.isWrong, isWrong);
    });
  }
});
