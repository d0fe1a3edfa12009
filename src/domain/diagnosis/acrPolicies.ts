import { invalidValue, type Json } from "./policyValue";

/** Azure's built-in role AcrPull (learn.microsoft.com, "Azure built-in roles for Containers"). */
export const ACR_PULL = { name: "AcrPull", id: "7f951dda-4ed3-4680-a7ca-43fe172d538d" } as const;

/** The role AcrPull on a registry, for one principal. */
export interface AcrAssignment {
  readonly kind: "acr-assignment";
  /** Name of the resource, without the hash that a domain name label adds to its host. */
  readonly registry: string;
  /** Object id of the user, group, service principal or managed identity. */
  readonly principal: string;
  /** A template of Azure Resource Manager, to be deployed in the resource group of the registry. */
  readonly document: Json;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The role assignment for the registry with this first label of its host. Throws `invalid-policy-value`. */
export function acrAssignment(label: string, principal: string): AcrAssignment {
  if (!GUID.test(principal)) {
    throw invalidValue("principal", principal, "give the object id of the identity, a GUID");
  }
  const [registry = label] = label.split("-");
  const scope = `resourceId('Microsoft.ContainerRegistry/registries', '${registry}')`;
  return {
    kind: "acr-assignment",
    registry,
    principal,
    document: {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      resources: [
        {
          type: "Microsoft.Authorization/roleAssignments",
          apiVersion: "2022-04-01",
          name: `[guid(${scope}, '${principal}', '${ACR_PULL.name}')]`,
          scope: `[${scope}]`,
          properties: {
            roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${ACR_PULL.id}')]`,
            principalId: principal,
          },
        },
      ],
    },
  };
}
