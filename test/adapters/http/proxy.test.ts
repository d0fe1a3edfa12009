import { strict as assert } from "node:assert";
import { proxyAuthorization, proxyFor, proxyName, UnusableProxy } from "../../../src/adapters/http/proxy";

const P = "http://proxy.test:3128";
const env = (more: Record<string, string> = {}) => ({ HTTPS_PROXY: P, HTTP_PROXY: "http://plain.test:80", ...more });

describe("the proxy for a URL", () => {
  const cases: [
    what: string,
    url: string,
    variables: Record<string, string>,
    proxy: string | undefined,
    want: string | undefined,
  ][] = [
    ["https", "https://ghcr.io/v2/", env(), undefined, "http://proxy.test:3128"],
    ["http", "http://reg.test/v2/", env(), undefined, "http://plain.test"],
    ["none", "https://ghcr.io/", {}, undefined, undefined],
    ["empty", "https://ghcr.io/", { HTTPS_PROXY: " " }, undefined, undefined],
    ["lower case", "https://ghcr.io/", { https_proxy: P }, undefined, P],
    ["upper case first", "https://ghcr.io/", { https_proxy: "http://other.test", HTTPS_PROXY: P }, undefined, P],
    ["without a scheme", "https://ghcr.io/", { HTTPS_PROXY: "proxy.test:3128" }, undefined, P],
    ["an explicit one", "https://ghcr.io/", env(), "https://other.test:444", "https://other.test:444"],
    ["an explicit one alone", "https://ghcr.io/", {}, P, P],
    ["this machine by name", "http://localhost:5000/", env(), P, undefined],
    ["this machine by address", "https://127.0.0.9:5000/", env(), P, undefined],
    ["this machine by IPv6 address", "https://[::1]:5000/", env(), P, undefined],
    ["the metadata of an instance", "http://169.254.169.254/metadata/identity/oauth2/token", env(), P, undefined],
    [
      "the metadata of an instance at Google",
      "http://metadata.google.internal./computeMetadata/v1",
      env(),
      P,
      undefined,
    ],
  ];
  for (const [what, url, variables, proxy, want] of cases) {
    it(`${what}: ${want ?? "none"}`, () => {
      const found = proxyFor(new URL(url), { env: variables, proxy });
      assert.equal(found && proxyName(found), want);
    });
  }

  // golang.org/x/net/http/httpproxy, proxy.go: the rules of NO_PROXY
  const exempt: [list: string, url: string, isExempt: boolean][] = [
    ["*", "https://ghcr.io/", true],
    ["ghcr.io", "https://ghcr.io/", true],
    ["GHCR.IO", "https://ghcr.io/", true],
    ["ghcr.io", "https://sub.ghcr.io/", true],
    ["ghcr.io", "https://notghcr.io/", false],
    [".ghcr.io", "https://ghcr.io/", false],
    [".ghcr.io", "https://sub.ghcr.io/", true],
    ["*.ghcr.io", "https://sub.ghcr.io/", true],
    ["*.ghcr.io", "https://ghcr.io/", false],
    ["ghcr.io:443", "https://ghcr.io/", true],
    ["ghcr.io:5000", "https://ghcr.io/", false],
    ["ghcr.io:5000", "https://ghcr.io:5000/", true],
    ["a.test, b.test ,ghcr.io", "https://ghcr.io/", true],
    [" , ,", "https://ghcr.io/", false],
    ["10.1.2.3", "https://10.1.2.3/", true],
    ["10.1.2.3", "https://110.1.2.3/", false],
    ["10.0.0.0/8", "https://10.1.2.3/", true],
    ["10.0.0.0/8", "https://11.1.2.3/", false],
    ["10.0.0.0/99", "https://10.1.2.3/", false],
    ["2001:db8::/32", "https://[2001:db8::1]/", true],
    ["[2001:db8::1]:443", "https://[2001:db8::1]/", true],
    ["2001:db8::1", "https://[2001:db8::1]/", true],
    ["ghcr.io/", "https://ghcr.io/", false],
  ];
  for (const [list, url, isExempt] of exempt) {
    it(`NO_PROXY=${list}: ${url} goes ${isExempt ? "straight" : "by proxy"}`, () => {
      assert.equal(proxyFor(new URL(url), { env: env({ NO_PROXY: list }) }) === undefined, isExempt);
      assert.equal(proxyFor(new URL(url), { env: env(), noProxy: list.split(",") }) === undefined, isExempt);
    });
  }

  for (const unusable of [
    "http://u:canary@[",
    "socks5://u:canary@proxy.test:1080",
    "http://u:canary@proxy.test:99999",
  ]) {
    it(`cannot use ${unusable}, and does not repeat its password`, () => {
      const trouble = (error: unknown) => error instanceof UnusableProxy && !error.message.includes("canary");
      assert.throws(() => proxyFor(new URL("https://ghcr.io/"), { env: { HTTPS_PROXY: unusable } }), trouble);
    });
  }

  const logins: [proxy: string, login: string | undefined][] = [
    ["http://proxy.test", undefined],
    ["http://me:pa%3Ass@proxy.test", "me:pa:ss"],
    ["http://me@proxy.test", "me:"],
    ["http://me:50%25@proxy.test", "me:50%"],
    ["http://me:50%@proxy.test", "me:50%"],
  ];
  for (const [proxy, login] of logins) {
    it(`the login of ${proxy}: ${login ?? "none"}`, () => {
      const want = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
      assert.equal(proxyAuthorization(new URL(proxy)), want);
      assert.equal(proxyName(new URL(proxy)), "http://proxy.test");
    });
  }
});
