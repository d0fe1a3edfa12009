import * as vscode from "vscode";
import type { CONTEXT } from "./commandIds";

type Reached = (typeof CONTEXT)["delivered" | "diagnosed" | "edited" | "explained"];

/**
 * Gives what a command has come to, and sets the context key that ends its step of the walkthrough; a command that found
 * nothing to do (`undefined`, or an empty list) has come to nothing.
 */
export async function reached<T>(key: Reached, work: Promise<T>): Promise<T> {
  const result = await work;
  const isNothing = result === undefined || (Array.isArray(result) && result.length === 0);
  if (!isNothing) await tick(key);
  return result;
}

/** Sets the context key that ends a step. */
export async function tick(key: Reached): Promise<void> {
  await vscode.commands.executeCommand("setContext", key, true);
}
