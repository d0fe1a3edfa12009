import type { BuildImage } from "./buildImages";

/** The build argument that names the frontend in place of `# syntax=` (moby/buildkit frontend/dockerfile/builder/build.go). */
export const FRONTEND_ARG = "BUILDKIT_SYNTAX";

/** Where its value is written, and how. */
export type FrontendPlace = Pick<BuildImage, "file" | "range" | "text">;
