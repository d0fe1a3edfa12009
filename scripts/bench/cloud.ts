import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import * as tls from "node:tls";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { awsIdentity } from "../../src/adapters/aws/identity";
import { httpClient } from "../../src/adapters/http/client";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { NativeLogins } from "../../src/domain/secret/nativeLogins";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import { makeAuthority } from "../testbed/certificates";
import { AWS_KEYS, Clouds, HOSTS } from "../testbed/clouds";
import { ROOT, temporaryFolder } from "../testbed/folders";
import { startMappingProxy } from "../testbed/forwardProxy";
import { serveStandIns } from "../testbed/standInServer";
import { contest, type Outcome } from "./measure";

const CALLERS = 100;
const RUNS = 15;
const SECRET: RegistrySecret = {
  id: "1",
  name: "ECR",
  scope: "user",
  host: parseRegistryHost(HOSTS.ecr),
  credential: { kind: "runner-native" },
  createdAt: 0,
  updatedAt: 0,
};

/** A token of ECR against the bare library, and one for many; both through a proxy to a stand-in of AWS. */
export async function benchCloud(): Promise<Outcome[]> {
  const clouds = new Clouds();
  const folder = temporaryFolder("bench-cloud");
  const authority = await makeAuthority(folder, "Clouds");
  const standIns = await serveStandIns(clouds.standIns, await authority.issue(clouds.names));
  const proxy = await startMappingProxy(() => standIns.port);
  process.env["AWS_ACCESS_KEY_ID"] = AWS_KEYS.id;
  process.env["AWS_SECRET_ACCESS_KEY"] = AWS_KEYS.secret;
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, SSL_CERT_FILE: authority.certificateFile };
  const aws = awsIdentity({ env, http: httpClient(10_000, { env }), now: Date.now });
  const limit = () => AbortSignal.timeout(10_000);
  const logins = () => new NativeLogins({ aws, google: aws, azure: aws }, { now: Date.now, limit });
  const ca = readFileSync(authority.certificateFile, "utf8");
  try {
    const resolved = await contest({
      name: "a token of ECR, nothing kept",
      limit: 1.2,
      runs: RUNS,
      ours: async () => {
        const { kind } = await logins().loginOf(SECRET);
        if (kind !== "login") throw new Error("cloud: no login");
      },
      otherName: "the bare library",
      other: async () => {
        const httpsAgent = Object.assign(new Tunnel(proxy.port, ca), { protocol: "https:", defaultPort: 443 });
        const client = new ECRClient({
          region: "eu-central-1",
          credentials: defaultProvider(),
          requestHandler: { httpsAgent },
        });
        await client.send(new GetAuthorizationTokenCommand({}));
        client.destroy();
      },
    });
    return [resolved, await oneForMany(logins(), clouds), ...sizes()];
  } finally {
    await proxy.stop();
    await standIns.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function oneForMany(logins: NativeLogins, clouds: Clouds): Promise<Outcome> {
  clouds.reset();
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => logins.loginOf(SECRET)));
  const took = performance.now() - began;
  const requests = clouds.asked.get("ecr") ?? 0;
  const holds = requests === 1 && answers.every(({ kind }) => kind === "login");
  console.log(
    `${holds ? "✔" : "✘"} logins for ${CALLERS} callers at once: ${requests} request, ${took.toFixed(0)} ms in all (at most 1 request)`,
  );
  return { name: "one token for many", ours: requests, other: 1, ratio: requests, holds };
}

/** What is loaded when a cloud is first asked; told only. */
function sizes(): Outcome[] {
  const kB = (name: string) => `${name} ${(statSync(join(ROOT, "dist", name)).size / 1000).toFixed(0)} kB`;
  const names = readdirSync(join(ROOT, "dist")).filter((name) => /^(?:aws|google|azure)Sdk\.js$/.test(name));
  console.log(`– files of the clouds' libraries, loaded when one is first asked: ${names.sort().map(kB).join(", ")}`);
  return [];
}

/** As plain as can be: through a proxy, with one authority. */
class Tunnel extends Agent {
  constructor(
    private readonly proxyPort: number,
    private readonly ca: string,
  ) {
    super({ keepAlive: true });
  }

  override createConnection(
    { host, port }: { host?: string | null; port?: number | string | null },
    done?: (error: Error | null, socket: tls.TLSSocket) => void,
  ): undefined {
    const path = `${host ?? ""}:${port ?? 443}`;
    const asked = request({ host: "127.0.0.1", port: this.proxyPort, method: "CONNECT", path, agent: false });
    asked.once("error", (error: Error) => done?.(error, undefined as never));
    asked.once("connect", (_, socket) => {
      const secured = tls.connect({ socket, servername: host ?? "", ca: this.ca }, () => done?.(null, secured));
      secured.once("error", (error: Error) => done?.(error, secured));
    });
    asked.end();
  }
}
