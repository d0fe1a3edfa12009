/** What of Azure's library is used; a file of its own in the bundle, loaded when a registry of Azure is first asked for. */
export { DefaultAzureCredential } from "@azure/identity";
