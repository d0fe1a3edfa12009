import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startMappingProxy } from "../../scripts/testbed/forwardProxy";
import { awsIdentity } from "../../src/adapters/aws/identity";
import { httpClient } from "../../src/adapters/http/client";
import { nativeRegistry } from "../../src/domain/registry/catalog";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { Redacted } from "../../src/domain/redacted";
import type { NativeIdentity } from "../../src/domain/secret/nativeIdentity";

const VECTORS = "test/fixtures/vectors/cloud-hosts.json";

/** AWS's real library: whom it asks for a token, by the registry's host. Nobody is reached. */
describe("where a token for ECR is asked for", () => {
  let proxy: Awaited<ReturnType<typeof startMappingProxy>>;
  let aws: NativeIdentity;

  before(async () => {
    proxy = await startMappingProxy(() => undefined);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    aws = awsIdentity({ env, http: httpClient(5_000, { env }), now: Date.now });
  });
  after(() => proxy.stop());
  beforeEach(() => void (proxy.asked.length = 0));

  const ask = async (name: string, cause = "unreachable") => {
    const host = parseRegistryHost(name);
    const registry = nativeRegistry(host);
    assert.ok(registry, name);
    const answer = await aws.login({ host, registry, accessKey: { id: "AKIAEXAMPLE", secret: new Redacted("x") } });
    assert.deepEqual([answer.kind, "cause" in answer && answer.cause], ["broken", cause], JSON.stringify(answer));
    return [...new Set(proxy.asked)];
  };

  // docs.aws.amazon.com: "Amazon ECR endpoints and quotas", and the same of the other partitions; FIPS as the library has it
  const cases: [partition: string, host: string, endpoint: string][] = [
    ["aws", "123456789012.dkr.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com"],
    ["aws, FIPS", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "api.ecr-fips.us-east-1.amazonaws.com"],
    ["aws, dual-stack", "123456789012.dkr-ecr.us-west-2.on.aws", "ecr.us-west-2.api.aws"],
    ["aws-cn", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "api.ecr.cn-north-1.amazonaws.com.cn"],
    [
      "aws-cn, dual-stack",
      "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
      "ecr.cn-north-1.api.amazonwebservices.com.cn",
    ],
    ["aws-us-gov", "123456789012.dkr.ecr.us-gov-east-1.amazonaws.com", "api.ecr.us-gov-east-1.amazonaws.com"],
    [
      "aws-us-gov, FIPS",
      "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
      "api.ecr-fips.us-gov-west-1.amazonaws.com",
    ],
    ["aws-us-gov, both", "123456789012.dkr-ecr-fips.us-gov-east-1.on.aws", "ecr-fips.us-gov-east-1.api.aws"],
    ["aws-iso", "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "api.ecr.us-iso-east-1.c2s.ic.gov"],
    ["aws-iso-b", "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "api.ecr.us-isob-east-1.sc2s.sgov.gov"],
    ["aws-iso-e", "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "api.ecr.eu-isoe-west-1.cloud.adc-e.uk"],
    ["aws-iso-f", "123456789012.dkr.ecr.us-isof-east-1.csp.hci.ic.gov", "api.ecr.us-isof-east-1.csp.hci.ic.gov"],
    ["aws-eusc", "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "api.ecr.eusc-de-east-1.amazonaws.eu"],
    ["public", "public.ecr.aws", "api.ecr-public.us-east-1.amazonaws.com"],
    ["public, its other name", "ecr-public.aws.com", "api.ecr-public.us-east-1.amazonaws.com"],
  ];
  for (const [partition, host, endpoint] of cases) {
    it(`${partition}: ${host}`, async () => assert.deepEqual(await ask(host), [`${endpoint}:443`]));
  }

  // regions that AWS's library takes for one of its own partition
  const MADE_UP = [
    "123456789012.dkr.ecr.lala-land-1.amazonaws.com.cn",
    "123456789012.dkr-ecr.lala-land-1.on.amazonwebservices.com.cn",
    "012345678901.dkr.ecr.us-secret-region.sc2s.sgov.gov",
    "012345678901.dkr.ecr.uk-region.cloud.adc-e.uk",
  ];
  for (const host of MADE_UP) {
    it(`nobody is asked for ${host}, whose partition AWS's library does not see`, async () => {
      assert.deepEqual(await ask(host, "unknown-cause"), []);
    });
  }

  it("every ECR host of the vectors leads to one endpoint of AWS, in the region of the host", async () => {
    const rows = JSON.parse(readFileSync(VECTORS, "utf8")) as { in: string; want: { provider?: string } }[];
    const hosts = rows
      .filter(({ want }) => want.provider === "ecr")
      .map((row) => new URL(`https://${row.in.replace("https://", "")}`).host);
    const suffix =
      /\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov|sc2s\.sgov\.gov|amazonaws\.eu):443$/;
    for (const host of new Set(hosts)) {
      if (MADE_UP.includes(host)) continue;
      proxy.asked.length = 0;
      const [endpoint = "", ...more] = await ask(host);
      const registry = nativeRegistry(host);
      const region = registry?.kind === "ecr" ? registry.region : "us-east-1";
      assert.ok(more.length === 0 && suffix.test(endpoint) && endpoint.includes(`.${region}.`), `${host}: ${endpoint}`);
    }
  });
});
