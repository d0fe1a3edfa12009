/** Names of architectures that mean the same (containerd/platforms, database.go). */
const SAME: Readonly<Record<string, string>> = { x86_64: "amd64", "x86-64": "amd64", x64: "amd64", aarch64: "arm64" };
/** What a machine runs besides its own (containerd/platforms, compare.go). */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };

/** The platform of containers on a machine with this architecture, in Docker's or Node's name of it. */
export function linuxPlatform(architecture: string): string {
  return `linux/${SAME[architecture] ?? architecture}`;
}

/** True if an engine that wants `wanted` takes one of `platforms` (both `os/architecture[/variant]`). */
export function hasPlatform(platforms: readonly string[], wanted: string): boolean {
  const [os, architecture, variant] = parts(wanted);
  return platforms.some((platform) => {
    const [otherOs, other, otherVariant] = parts(platform);
    if (otherOs !== os) return false;
    if (other !== architecture) return (ALSO_RUNS[architecture] ?? []).includes(other);
    return variant === otherVariant || (architecture === "arm" && level(otherVariant) <= level(variant));
  });
}

function parts(platform: string): [os: string, architecture: string, variant: string] {
  const [os = "", written = "", variant = ""] = platform.toLowerCase().split("/");
  const architecture = SAME[written] ?? written;
  const usual = { arm64: "v8", amd64: "v1", arm: "v7" }[architecture] ?? "";
  return [os, architecture, variant === "" ? usual : variant];
}

function level(variant: string): number {
  return Number(variant.replace(/^v/, ""));
}
