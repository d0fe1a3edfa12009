import { pushImage } from "../../../scripts/testbed/images";
import { startRegistry, type Registry, type RegistryOptions } from "../../../scripts/testbed/registry";
import { triplet } from "../../../scripts/testbed/cli";
import { run, runOrThrow } from "../../../scripts/testbed/run";

export const USER = "alice";
export const PASSWORD = "test-password-one";

/** A registry with private images in it, and its one user's credential. */
export interface PrivateRegistry extends Registry {
  /** `localhost:PORT/acme/NAME:1` */
  image(name: string, tag?: string): string;
  /** The variables of the secret for it. */
  variables(password?: string, prefix?: string): Record<string, string>;
  /** Takes its images away from the engine, so that the next pull is a real one. */
  forget(): Promise<void>;
}

/**
 * Starts a real registry and pushes images to it.
 * @param images local image by the name below `acme/`
 * @param password of the user `USER`, who pushes them
 */
export async function openRegistry(
  images: Readonly<Record<string, string>>,
  options: RegistryOptions = { auth: "htpasswd", users: [{ name: USER, password: PASSWORD }] },
  password = PASSWORD,
): Promise<PrivateRegistry> {
  const registry = await startRegistry(options);
  const { address } = registry;
  const image = (name: string, tag = "1") => `${address}/acme/${name}:${tag}`;
  for (const [name, local] of Object.entries(images)) {
    await pushImage(local, image(name), { username: USER, password });
  }
  return {
    ...registry,
    image,
    variables: (value = password, prefix = "E2E") => triplet(address, USER, value, prefix),
    forget: () => forget(address),
    stop: async () => {
      await forget(address);
      await registry.stop();
    },
  };
}

async function forget(address: string): Promise<void> {
  const format = ["--format", "{{.Repository}}:{{.Tag}}", "--filter", `reference=${address}/*/*`];
  const names = (await runOrThrow("docker", ["images", ...format])).split("\n").filter((name) => name !== "");
  if (names.length > 0) await run("docker", ["rmi", "--force", ...names]);
}
