import { join } from "node:path";
import { ROOT } from "../../../scripts/testbed/folders";
import { run, runOrThrow, type RunResult } from "../../../scripts/testbed/run";

/** Runs @devcontainers/cli itself, as a person would who does not know of us. */
export async function devcontainer(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<RunResult> {
  const script = join(ROOT, "node_modules/@devcontainers/cli/devcontainer.js");
  return await run(process.execPath, [script, ...args], { environment });
}

/**
 * Builds with Features leave images behind that have no name, or only the time for one.
 * @returns removes those that have come since
 */
export async function rememberFeatureImages(): Promise<() => Promise<void>> {
  const before = new Set(await featureImages());
  return async () => {
    const made = (await featureImages()).filter((image) => !before.has(image));
    if (made.length > 0) await run("docker", ["rmi", "--force", ...made]);
  };
}

async function featureImages(): Promise<string[]> {
  const format = "{{.ID}} {{.Repository}}:{{.Tag}}";
  const listed = await runOrThrow("docker", ["images", "--no-trunc", "--format", format]);
  const images: string[] = [];
  for (const line of listed.split("\n")) {
    const [id = "", name = ""] = line.split(" ");
    if (/^(vsc-\d{13}-|dev_container_feature_content_temp:)/.test(name)) images.push(name);
    if (name === "<none>:<none>" && (await isFeatureBuild(id))) images.push(id);
  }
  return images;
}

/** Where the tool's Dockerfile for Features puts them (devcontainers/cli, src/spec-node/containerFeatures.ts). */
async function isFeatureBuild(id: string): Promise<boolean> {
  const { stdout } = await run("docker", ["history", "--no-trunc", "--format", "{{.CreatedBy}}", id]);
  return stdout.includes("/tmp/build-features");
}
