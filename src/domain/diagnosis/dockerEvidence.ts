/** What Docker's client makes of its config for one registry, as far as it could be seen. Nothing secret is in it. */
export interface DockerView {
  readonly config: {
    readonly file: string;
    /** Why it is this file: the variable `DOCKER_CONFIG`, or the home folder. */
    readonly from: "DOCKER_CONFIG" | "home";
    readonly state: "read" | "absent" | "unreadable" | "invalid";
    /** What is wrong with it, as a sentence. */
    readonly problem?: string;
  };
  /** Where Docker finds its login for the registry; absent if it finds none. */
  readonly source?: LoginSource;
  /** The helper that Docker asks for this registry. */
  readonly helper?: HelperView;
  /** What becomes of the variable `DOCKER_AUTH_CONFIG`; absent if it is not set. */
  readonly authConfig?: "read" | "invalid" | "not-read-by-this-client";
  /** Keys of other registries that Docker has a login for; only looked for where it has none for this one. */
  readonly hosts: readonly string[];
  /** Configs that Docker does not read and that name this registry. */
  readonly elsewhere: readonly LoginElsewhere[];
}

export type LoginSource =
  | { readonly kind: "auths"; readonly key: string }
  | { readonly kind: "helper"; readonly name: string }
  | { readonly kind: "environment"; readonly key: string };

export interface HelperView {
  readonly name: string;
  /** `default`: no config names it; Docker takes the platform's own where nothing is configured. */
  readonly from: "credHelpers" | "credsStore" | "default";
  readonly state: "answered" | "knows-none" | "missing" | "failing" | "hanging";
  /** What is wrong with it, as a sentence. */
  readonly problem?: string;
  /** The cloud's tool behind it has nobody signed in. */
  readonly signedOut?: boolean;
  /** The editor that wrote this name into the config and did not take it out again. */
  readonly leftBy?: "Dev Containers" | "DevPod";
}

export interface LoginElsewhere {
  readonly file: string;
  /** Whose it is: another tool's, another user's, Windows', or the home folder's where `DOCKER_CONFIG` is set. */
  readonly of: "podman" | "sudo-user" | "windows" | "home";
}
