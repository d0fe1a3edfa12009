import { strict as assert } from "node:assert";
import { isFailure } from "../../../src/domain/failure";
import { Redacted } from "../../../src/domain/redacted";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import { nativeTrouble, type NativeLogin } from "../../../src/domain/secret/nativeIdentity";
import { NativeLogins, nativeRequest } from "../../../src/domain/secret/nativeLogins";
import type { Credential } from "../../../src/domain/secret/secret";
import { FakeNativeIdentity, fakeLogins } from "../../fakes/fakeNativeIdentity";
import { aSecret } from "../../fakes/samples";

const HOUR = 3_600_000;
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const KEY = `AKIA${"X".repeat(16)}`;
const native: Credential = { kind: "runner-native" };
const password = (username: string, value: string): Credential => ({
  kind: "password",
  username,
  password: new Redacted(value),
});
const secret = (host: string, credential: Credential = native) => ({ ...aSecret({ host }), credential });

describe("NativeLogins", () => {
  let cloud: FakeNativeIdentity;
  let now: number;
  let logins: NativeLogins;
  beforeEach(() => {
    cloud = new FakeNativeIdentity();
    now = 1_000_000;
    logins = fakeLogins(cloud, () => now);
  });
  const valueOf = async (host: string, credential?: Credential) => {
    const login = await logins.loginOf(secret(host, credential));
    return login.kind === "login" ? login.password.reveal() : login.cause;
  };

  it("gives a password secret its own, and asks nobody", async () => {
    assert.equal(await valueOf("ghcr.io", password("octocat", "p")), "p");
    assert.equal(await valueOf(ECR, password("AWS", "p")), "p");
    assert.deepEqual(cloud.asked, []);
  });

  const looksAlike = [
    `${ECR}.example.com`,
    `${ECR}:8443`,
    "12345678901.dkr.ecr.eu-central-1.amazonaws.com",
    "us-docker.pkg.dev.example.com",
    "evilgcr.io",
    "acme.azurecr.io.example.com",
    "public.ecr.aws.example.com",
    "ghcr.io",
  ];
  for (const host of looksAlike) {
    it(`asks no cloud for ${host}`, async () => {
      await assert.rejects(logins.loginOf(secret(host)), (error) => isFailure(error, "runner-native-not-supported"));
      assert.equal(await logins.whoAnswers(parseRegistryHost(host)), undefined);
      assert.equal(nativeRequest(secret(host, password(KEY, "s"))), undefined);
      assert.deepEqual(cloud.asked, []);
    });
  }

  it("knows who answered last without asking, and says when that is another one", async () => {
    const host = parseRegistryHost(ECR);
    let changes = 0;
    const stop = logins.onDidChange(() => {
      changes++;
    });
    assert.equal(logins.lastAnswer(host), undefined);
    for (const [name, seen] of [
      ["dev", 1],
      ["dev", 1],
      ["ops", 2],
    ] as const) {
      cloud.who = { kind: "identity", cloud: "aws", source: "sso", name };
      await logins.whoAnswers(host);
      assert.deepEqual([logins.lastAnswer(host)?.name, changes], [name, seen]);
    }
    cloud.who = nativeTrouble("aws", "unreachable", "");
    await logins.whoAnswers(host);
    assert.deepEqual([logins.lastAnswer(host)?.name, changes], ["ops", 2], "a cloud that is not reached is no change");
    stop();
    cloud.who = { kind: "identity", cloud: "aws", source: "sso", name: "dev" };
    await logins.whoAnswers(host);
    assert.equal(changes, 2);
  });

  it("keeps a token until half its life has gone, by the time that the cloud says it has left", async () => {
    assert.equal(await valueOf(ECR), "token-1");
    now += 6 * HOUR - 1;
    assert.equal(await valueOf(ECR), "token-1");
    now += 1;
    assert.equal(await valueOf(ECR), "token-2");
  });

  it("says when it should be asked again", async () => {
    const login = await logins.loginOf(secret(ECR));
    assert.equal(login.kind === "login" && login.renewAt, 1_000_000 + 6 * HOUR);
  });

  it("makes one request for a hundred callers, in turn or at once", async () => {
    const values = await Promise.all(Array.from({ length: 100 }, () => valueOf(ECR)));
    assert.deepEqual(new Set(values), new Set(["token-1"]));
    for (let call = 0; call < 100; call++) await valueOf(ECR);
    assert.equal(cloud.asked.length, 1);
  });

  it("shares a token within a region of AWS and within a cloud of Google, and nowhere else", async () => {
    const hosts = [
      ECR,
      "999999999999.dkr.ecr.eu-central-1.amazonaws.com",
      "123456789012.dkr.ecr.us-east-1.amazonaws.com",
      "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
      "public.ecr.aws",
      "us-docker.pkg.dev",
      "europe-west1-docker.pkg.dev",
      "gcr.io",
      "docker.s3nsregistry.fr",
      "one.azurecr.io",
      "two.azurecr.io",
    ];
    const values = [];
    for (const host of hosts) values.push(await valueOf(host));
    assert.deepEqual(
      values.map((value) => Number(value.slice(6))),
      [1, 1, 2, 3, 4, 5, 5, 5, 6, 7, 8],
    );
  });

  it("swaps an access key for a token, one for each key, and asks anew for a changed one", async () => {
    assert.equal(await valueOf(ECR, password(KEY, "one")), "token-1");
    assert.equal(await valueOf(ECR), "token-2");
    assert.equal(await valueOf(ECR, password(KEY, "one")), "token-1");
    assert.equal(await valueOf(ECR, password(KEY, "two")), "token-3");
    assert.equal(cloud.asked[0]?.accessKey?.secret.reveal(), "one");
    // of no use without its session token, so it is sent as it is
    assert.equal(await valueOf(ECR, password(`ASIA${"X".repeat(16)}`, "v")), "v");
  });

  it("does not keep a trouble", async () => {
    cloud.answer = (count) =>
      count === 1
        ? nativeTrouble("aws", "session-expired", "expired")
        : { kind: "login", username: "AWS", password: new Redacted("fresh"), lifeMs: HOUR };
    assert.equal(await valueOf(ECR), "session-expired");
    assert.equal(await valueOf(ECR), "fresh");
  });

  it("uses a token past half its life on while the cloud gives no other, and asks for one once a minute", async () => {
    assert.equal(await valueOf(ECR), "token-1");
    cloud.answer = () => nativeTrouble("aws", "throttled", "Rate exceeded");
    now += 7 * HOUR;
    for (let call = 0; call < 20; call++) assert.equal(await valueOf(ECR), "token-1");
    assert.equal(cloud.asked.length, 2);
    now += 60_000;
    for (let call = 0; call < 20; call++) assert.equal(await valueOf(ECR), "token-1");
    assert.equal(cloud.asked.length, 3);
    now += 5 * HOUR;
    assert.equal(await valueOf(ECR), "throttled");
  });

  it("gives and keeps no token that had ended when it came: the clock is wrong", async () => {
    cloud.answer = (count) => ({
      kind: "login",
      username: "AWS",
      password: new Redacted(`token-${count}`),
      lifeMs: count === 1 ? -HOUR : HOUR,
    });
    assert.equal(await valueOf(ECR), "wrong-clock");
    assert.equal(await valueOf(ECR), "token-2");
  });

  it("a caller that gives up does not take the token from the others", async () => {
    let answer: (login: NativeLogin) => void = () => undefined;
    cloud.answer = () => new Promise((resolve) => (answer = resolve));
    const stopped = new AbortController();
    const one = logins.loginOf(secret(ECR), stopped.signal);
    const other = valueOf(ECR);
    await Promise.resolve();
    await Promise.resolve();
    stopped.abort();
    await assert.rejects(one, (error) => isFailure(error, "cancelled"));
    answer({ kind: "login", username: "AWS", password: new Redacted("late"), lifeMs: HOUR });
    assert.equal(await other, "late");
    assert.equal(await valueOf(ECR), "late");
    assert.equal(cloud.asked.length, 1);
  });

  it("a cloud that does not answer in time is unreachable", async () => {
    cloud.answer = () => new Promise(() => undefined);
    const limit = new AbortController();
    const impatient = new NativeLogins(
      { aws: cloud, google: cloud, azure: cloud },
      { now: () => now, limit: () => limit.signal },
    );
    const answer = impatient.loginOf(secret(ECR));
    limit.abort();
    assert.deepEqual(await answer, {
      kind: "broken",
      cause: "unreachable",
      cloud: "aws",
      detail: "no answer in time",
    });
  });

  it("forgets when told so, what is under way included", async () => {
    await valueOf(ECR);
    logins.forget();
    assert.equal(await valueOf(ECR), "token-2");
    let answer: (login: NativeLogin) => void = () => undefined;
    logins.forget();
    cloud.answer = () => new Promise((resolve) => (answer = resolve));
    const old = valueOf(ECR);
    await Promise.resolve();
    await Promise.resolve();
    logins.forget();
    answer({ kind: "login", username: "AWS", password: new Redacted("old"), lifeMs: HOUR });
    assert.equal(await old, "old");
    cloud.answer = () => ({ kind: "login", username: "AWS", password: new Redacted("new"), lifeMs: HOUR });
    assert.equal(await valueOf(ECR), "new");
  });

  it("prints no token", async () => {
    const login = await logins.loginOf(secret(ECR));
    assert.ok(!JSON.stringify(login).includes("token-1"));
  });
});
