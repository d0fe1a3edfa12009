import { createServer, type IncomingHttpHeaders } from "node:http";
import { ACCOUNT, jwt, TENANT } from "./clouds";
import { listen } from "./loopback";
import type { Say } from "./standIns";

/** What a cloud's machine or container asks on plain http to learn who it is. */
export interface Endpoint {
  /** Without a path. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param delay milliseconds before each answer */
export async function startEndpoint(
  answer: (path: string, headers: IncomingHttpHeaders, method: string) => Say,
  delay = 0,
): Promise<Endpoint> {
  const server = createServer((request, response) => {
    const { status, headers, body } = answer(request.url ?? "", request.headers, request.method ?? "");
    const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
    const type = typeof body === "string" ? "text/plain" : "application/json";
    setTimeout(() => response.writeHead(status, { "content-type": type, ...headers }).end(text), delay);
  });
  const { port, stop } = await listen(server);
  return { url: `http://127.0.0.1:${port}`, stop };
}

const NOT_FOUND: Say = { status: 404, body: "" };

function awsKeys(id: string) {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return { AccessKeyId: id, SecretAccessKey: "s", Token: "t", Expiration: expiration };
}

/** The metadata service of an instance at AWS (IMDSv2) with the role that `roleNow` names, and with no other. */
export async function startInstanceMetadata(roleNow: () => string, delay = 0): Promise<Endpoint> {
  return await startEndpoint((path, headers, method) => {
    if (method === "PUT") return { status: 200, body: "session" };
    if (headers["x-aws-ec2-metadata-token"] !== "session") return { status: 401 };
    if (path.endsWith("/security-credentials/")) return { status: 200, body: roleNow() };
    if (!path.endsWith(`/security-credentials/${roleNow()}`)) return NOT_FOUND;
    return { status: 200, body: JSON.stringify({ Code: "Success", ...awsKeys("ASIAINSTANCE000001") }) };
  }, delay);
}

/** The credentials of a container at AWS (SDKs reference guide, "Container credential provider"), for who knows `token`. */
export async function startContainerCredentials(token: string): Promise<Endpoint> {
  return await startEndpoint((_, { authorization }) =>
    authorization === token
      ? { status: 200, body: { ...awsKeys("ASIACONTAINER00001"), AccountId: ACCOUNT } }
      : { status: 403, body: { code: "AccessDenied", message: "The token is not the one of this container." } },
  );
}

/** Google's metadata server with a service account whose token is `ya29.metadata`, or with `fault` for the token. */
export async function startGoogleMetadata(fault?: Say, delay = 0): Promise<Endpoint> {
  const flavour = { "metadata-flavor": "Google" };
  return await startEndpoint((path) => {
    if (path.includes("/token")) {
      const token = { access_token: "ya29.metadata", expires_in: 3599, token_type: "Bearer" };
      return { status: 200, body: token, ...fault, headers: flavour };
    }
    if (path.includes("/universe/")) return { status: 404, headers: flavour }; // as older ones do
    const text = path.includes("/email") ? "vm@my-project.iam.gserviceaccount.com" : "my-project";
    return { status: 200, body: text, headers: flavour };
  }, delay);
}

/** Managed identity of Azure: of an instance (IMDS), and of App Service, which wants the header `X-IDENTITY-HEADER`. */
export async function startManagedIdentity(header: string, fault?: Say): Promise<Endpoint> {
  return await startEndpoint((_, headers) => {
    const isAllowed = headers["metadata"] === "true" || headers["x-identity-header"] === header;
    if (!isAllowed) return { status: 400, body: { error: "invalid_request" } };
    const until = Math.floor(Date.now() / 1000) + 3_600;
    const token = { access_token: jwt({ tid: TENANT }), expires_on: String(until), expires_in: "3600" };
    return fault ?? { status: 200, body: { ...token, resource: "r", token_type: "Bearer" } };
  });
}
