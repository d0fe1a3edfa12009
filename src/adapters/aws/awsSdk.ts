/** What of AWS's SDK is used; a file of its own in the bundle, loaded when a registry of AWS is first asked for. */
export { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
export {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr-public";
export { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
export { defaultProvider } from "@aws-sdk/credential-provider-node";
export { partition } from "@aws-sdk/core/client";
export { loadSharedConfigFiles } from "@smithy/core/config";
