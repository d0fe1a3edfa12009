import { strict as assert } from "node:assert";
import { azureTrouble } from "../../../src/adapters/azure/trouble";

const met = (name: string, message: string, cause?: unknown) => Object.assign(new Error(message, { cause }), { name });
/** An identity that is set up and fails ends the chain (@azure/identity 4.13.1, `EnvironmentCredential`). */
const environment = (words: string) =>
  met(
    "AuthenticationError",
    `EnvironmentCredential authentication failed. To troubleshoot, visit https://aka.ms/azsdk/js/identity/environmentcredential/troubleshoot. Status code: 400\nMore details:\n${words},`,
  );
/** All that are not there are told of together (`ChainedTokenCredential`). */
const chain = (...own: Error[]) => {
  const errors = [
    met("CredentialUnavailableError", "EnvironmentCredential is unavailable. No underlying credential could be used."),
    ...own,
    met("CredentialUnavailableError", "Azure CLI could not be found. Please visit https://aka.ms/azure-cli."),
    met("CredentialUnavailableError", "Please run 'az login' from a command prompt to authenticate."),
  ];
  const told = errors.map(({ name, message }) => `${name}: ${message}`).join("\n");
  return Object.assign(new Error(`ChainedTokenCredential authentication failed.\n${told}`), { errors });
};
const noMachine = met(
  "CredentialUnavailableError",
  "ManagedIdentityCredential: Network unreachable. Message: network_error: See https://aka.ms/msal.js.errors#network_error for details",
);
const managed = (status: number) =>
  met(
    "CredentialUnavailableError",
    "ManagedIdentityCredential: Authentication failed. Message x: Error(s): Not Available - Timestamp: Not Available - Description: busy",
    { status },
  );
const application = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "app" };

describe("why Azure gives no token", () => {
  // codes: learn.microsoft.com, "Microsoft Entra authentication and authorization error codes"
  const cases: [name: string, error: Error, cause: string, detail?: RegExp | undefined, env?: NodeJS.ProcessEnv][] = [
    [
      "Entra ID has a trouble of its own",
      environment("temporarily_unavailable: AADSTS90033: A transient error has occurred. Please try again."),
      "unreachable",
    ],
    ["Entra ID fails", environment("server_error: Error(s): Not Available - Description: x"), "unreachable"],
    ["Entra ID is not reached", environment("network_error: See https://aka.ms/msal.js.errors"), "unreachable"],
    [
      "a tenant that is none",
      environment("invalid_request: AADSTS90013: Invalid input received from the user."),
      "incomplete-config",
    ],
    [
      "a certificate that Entra ID does not know",
      environment("invalid_client: AADSTS700027: The certificate with identifier used to sign is not registered."),
      "keys-refused",
    ],
    [
      "a code that is not known here",
      environment("invalid_resource: AADSTS500011: The resource principal named https://network.example was not found"),
      "keys-refused",
    ],
    [
      "a certificate file that is none",
      environment("The file at the specified path does not contain a PEM-encoded certificate."),
      "incomplete-config",
    ],
    [
      "no certificate file",
      environment("ENOENT: no such file or directory, open '/nonexistent.pem'"),
      "incomplete-config",
    ],
    [
      "no file of a federated token",
      chain(met("AuthenticationRequiredError", "ENOENT: no such file or directory, open '/nonexistent/t'"), noMachine),
      "incomplete-config",
      /^ENOENT: .*\/nonexistent\/t/,
      { ...application, AZURE_FEDERATED_TOKEN_FILE: "/nonexistent/t" },
    ],
    [
      "an application without a secret",
      chain(noMachine),
      "incomplete-config",
      /^AZURE_TENANT_ID and AZURE_CLIENT_ID are set, and none of AZURE_CLIENT_SECRET/,
      application,
    ],
    [
      "a secret without its application",
      chain(noMachine),
      "incomplete-config",
      /^AZURE_CLIENT_SECRET is set without AZURE_CLIENT_ID$/,
      { AZURE_TENANT_ID: "t", AZURE_CLIENT_SECRET: "s" },
    ],
    ["nobody is signed in", chain(noMachine), "no-identity"],
    ["only a tenant is set", chain(noMachine), "no-identity", undefined, { AZURE_TENANT_ID: "t" }],
    ["a managed identity that throttles", chain(managed(429)), "throttled", /^HTTP 429: Managed/],
    ["a managed identity that fails", chain(managed(500)), "unreachable", /^HTTP 500: Managed/],
    ["a managed identity that is not there", chain(managed(400)), "no-identity"],
  ];
  for (const [name, error, cause, detail, env = {}] of cases) {
    it(`${name}: ${cause}`, () => {
      const found = azureTrouble(error, env);
      assert.equal(found.cause, cause, found.detail);
      if (detail) assert.match(found.detail, detail);
    });
  }
});
