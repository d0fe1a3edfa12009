import type { Ask, Say, StandIn } from "./standIns";

/** Where the stand-ins are: the real names of the services, so that the real libraries are told nothing. */
export const HOSTS = {
  ecr: "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
  publicEcr: "public.ecr.aws",
  gar: "europe-west1-docker.pkg.dev",
  acr: "acme.azurecr.io",
} as const;

export const ACCOUNT = "123456789012";
export const TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
/** Keys that the stand-in of AWS knows; every other is unknown to it. */
export const AWS_KEYS = { id: "AKIAIOSFODNN7EXAMPLE", secret: "not-a-secret-aws-key" };

/** What the stand-ins do besides answering as they should; a test changes it, `reset` takes it back. */
export interface CloudFaults {
  /** The answer of ECR's API instead of a token. */
  ecr?: Say | undefined;
  /** How often it gives that answer; always, if left out. */
  ecrTimes?: number | undefined;
  sso?: Say | undefined;
  assumeRole?: Say | undefined;
  googleToken?: Say | undefined;
  impersonation?: Say | undefined;
  entra?: Say | undefined;
  exchange?: Say | undefined;
  /** The registry's answer to a good token. */
  registry?: Say | undefined;
  /** What ACR's challenge says besides. */
  challenge?: string | undefined;
}

const LIFE_MS = 12 * 3_600_000;

/** AWS, Google and Azure as far as a login to their registries goes, each with the registry that takes it. */
export class Clouds {
  faults: CloudFaults = {};
  /** The role that AWS says one has. */
  role = "dev";
  /** How long a token of ECR lives, in milliseconds. */
  lifeMs = LIFE_MS;
  /** Told of each token before it is given, so that a real registry can take it. */
  onToken: (host: string, token: string) => Promise<void> = () => Promise.resolve();
  /** How often each service was asked for a token. */
  readonly asked = new Map<string, number>();
  /** Passwords that registries take, by host. */
  readonly #tokens = new Map<string, string>();
  #count = 0;

  reset(): void {
    this.faults = {};
    this.lifeMs = LIFE_MS;
    this.role = "dev";
    this.asked.clear();
  }

  get standIns(): StandIn[] {
    return [
      { hosts: ["api.ecr.eu-central-1.amazonaws.com"], answer: (ask) => this.#ecrApi(ask, HOSTS.ecr, "data") },
      { hosts: ["api.ecr-public.us-east-1.amazonaws.com"], answer: (ask) => this.#ecrApi(ask, HOSTS.publicEcr, "one") },
      {
        hosts: ["sts.eu-central-1.amazonaws.com", "sts.us-east-1.amazonaws.com", "sts.amazonaws.com"],
        answer: (ask) => this.#sts(ask),
      },
      { hosts: ["portal.sso.us-east-1.amazonaws.com"], answer: () => this.#sso() },
      { hosts: ["oauth2.googleapis.com", "sts.googleapis.com"], answer: (ask) => this.#google(ask) },
      { hosts: ["iamcredentials.googleapis.com"], answer: () => this.#impersonate() },
      { hosts: ["login.microsoftonline.com"], answer: (ask) => this.#entra(ask) },
      { hosts: [HOSTS.acr], answer: (ask) => this.#acr(ask) },
      { hosts: [HOSTS.ecr], answer: (ask) => this.#basic(ask, "AWS") },
      { hosts: [HOSTS.publicEcr], answer: (ask) => this.#basic(ask, "AWS") },
      { hosts: [HOSTS.gar], answer: (ask) => this.#basic(ask, "oauth2accesstoken") },
    ];
  }

  /** The names that lead to the stand-ins. */
  get names(): string[] {
    return this.standIns.flatMap(({ hosts }) => hosts);
  }

  #note(service: string): number {
    this.asked.set(service, (this.asked.get(service) ?? 0) + 1);
    return ++this.#count;
  }

  /** From now on the registry takes this token. */
  async give(host: string, token: string): Promise<void> {
    await this.onToken(host, token);
    this.#tokens.set(host, token);
  }

  /** ECR API reference, GetAuthorizationToken; the public one answers with an object, not a list. */
  async #ecrApi({ headers }: Ask, host: string, form: "data" | "one"): Promise<Say> {
    const count = this.#note("ecr");
    const { ecr: fault, ecrTimes = Infinity } = this.faults;
    this.faults.ecrTimes = ecrTimes - 1;
    if (fault && ecrTimes > 0) return fault;
    const key = /Credential=([^/]+)\//.exec(headers["authorization"] ?? "")?.[1];
    if (key === undefined || !/^(?:AKIAIOSFODNN7EXAMPLE|ASIA\w+)$/.test(key)) {
      return awsError("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    const password = `ecr-token-${count}`;
    await this.give(host, password);
    const data = {
      authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
      expiresAt: (Date.now() + this.lifeMs) / 1000,
    };
    return json({ authorizationData: form === "data" ? [data] : data });
  }

  /** STS API reference: GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity; errors in XML. */
  #sts({ body }: Ask): Say {
    const action = new URLSearchParams(body).get("Action") ?? "";
    this.#note(action);
    if (action === "GetCallerIdentity") {
      const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${this.role}/person`;
      return xml(action, `<Arn>${arn}</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account>`);
    }
    if (this.faults.assumeRole) return this.faults.assumeRole;
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const keys = `<AccessKeyId>ASIAASSUMED0000001</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${until}</Expiration>`;
    return xml(action, `<Credentials>${keys}</Credentials>`);
  }

  /** IAM Identity Center portal API reference, GetRoleCredentials. */
  #sso(): Say {
    this.#note("sso");
    const expiration = Date.now() + 3_600_000;
    const roleCredentials = { accessKeyId: "ASIASSO00000000001", secretAccessKey: "s", sessionToken: "t", expiration };
    return this.faults.sso ?? json({ roleCredentials });
  }

  /** Google's token endpoint (RFC 6749), its STS (RFC 8693) and tokeninfo. */
  async #google({ url }: Ask): Promise<Say> {
    if (url.pathname === "/tokeninfo") return json({ email: "dev@example.com", expires_in: 3599, scope: "openid" });
    const count = this.#note("google");
    if (this.faults.googleToken) return this.faults.googleToken;
    const token = `ya29.token-${count}`;
    await this.give(HOSTS.gar, token);
    return json({
      access_token: token,
      expires_in: 3599,
      token_type: "Bearer",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
  }

  async #impersonate(): Promise<Say> {
    if (this.faults.impersonation) return this.faults.impersonation;
    const accessToken = `ya29.impersonated-${this.#note("impersonation")}`;
    await this.give(HOSTS.gar, accessToken);
    return json({ accessToken, expireTime: new Date(Date.now() + 3_600_000).toISOString() });
  }

  /** Entra ID: discovery, and the token endpoint of the v2.0 protocol. */
  #entra({ url }: Ask): Say {
    const tenant = url.pathname.split("/")[1] ?? "";
    const origin = `https://login.microsoftonline.com/${tenant}`;
    if (url.pathname.endsWith("/discovery/instance")) {
      const aliases = ["login.microsoftonline.com"];
      const names = { preferred_network: aliases[0], preferred_cache: aliases[0], aliases };
      return json({ tenant_discovery_endpoint: `${origin}/v2.0/.well-known/openid-configuration`, metadata: [names] });
    }
    if (url.pathname.endsWith("/openid-configuration")) {
      return json({
        token_endpoint: `${origin}/oauth2/v2.0/token`,
        authorization_endpoint: `${origin}/oauth2/v2.0/authorize`,
        issuer: `${origin}/v2.0`,
        jwks_uri: `${origin}/discovery/v2.0/keys`,
        end_session_endpoint: `${origin}/oauth2/v2.0/logout`,
      });
    }
    this.#note("entra");
    this.#note(`entra of ${tenant}`);
    if (this.faults.entra) return this.faults.entra;
    return json({ token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: jwt({ tid: tenant }) });
  }

  /** azure.github.io/acr, "AAD-OAuth": exchange, then a token for the scope. */
  async #acr({ url, body, headers }: Ask): Promise<Say> {
    const form = new URLSearchParams(body);
    if (url.pathname === "/oauth2/exchange") {
      this.#note("exchange");
      if (this.faults.exchange) return this.faults.exchange;
      const isOurs = form.get("access_token")?.startsWith("ey") === true && form.get("service") === HOSTS.acr;
      if (!isOurs) return json({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }, 401);
      const now = Math.floor(Date.now() / 1000);
      const refresh = jwt({ iat: now, exp: now + 3 * 3600, grant_type: "refresh_token" });
      await this.give(HOSTS.acr, refresh);
      return json({ refresh_token: refresh });
    }
    if (url.pathname === "/oauth2/token") {
      const isGood = form.get("refresh_token") === this.#tokens.get(HOSTS.acr) && form.get("grant_type") !== null;
      return isGood ? json({ access_token: "acr-access" }) : json({ errors: [{ code: "UNAUTHORIZED" }] }, 401);
    }
    if (headers["authorization"] === "Bearer acr-access") return this.faults.registry ?? manifest(url);
    const more = this.faults.challenge === undefined ? "" : `,${this.faults.challenge}`;
    const challenge = `Bearer realm="https://${HOSTS.acr}/oauth2/token",service="${HOSTS.acr}"${more}`;
    return json({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }, 401, challenge);
  }

  #basic({ url, host, headers }: Ask, username: string): Say {
    const password = this.#tokens.get(host);
    const good = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
    if (password !== undefined && headers["authorization"] === `Basic ${good}`) {
      return this.faults.registry ?? manifest(url);
    }
    return json({ errors: [{ code: "UNAUTHORIZED" }] }, 401, `Basic realm="https://${host}/"`);
  }
}

/** An error of AWS's JSON protocol. */
export function awsError(type: string, message: string, status = 400): Say {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type };
  return { status, headers, body: { __type: type, message } };
}

/** An error of AWS's query protocol. */
export function awsXmlError(code: string, message: string, status = 403): Say {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

export function json(body: unknown, status = 200, challenge?: string): Say {
  const headers = { "content-type": "application/json" };
  return { status, headers: challenge === undefined ? headers : { ...headers, "www-authenticate": challenge }, body };
}

function xml(action: string, result: string): Say {
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function manifest(url: URL): Say {
  const type = "application/vnd.oci.image.manifest.v1+json";
  const digest = `sha256:${"0".repeat(64)}`;
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 2 };
  if (!url.pathname.includes("/manifests/")) return json({});
  return {
    status: 200,
    headers: { "content-type": type },
    body: { schemaVersion: 2, mediaType: type, config, layers: [] },
  };
}

export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.signature`;
}
