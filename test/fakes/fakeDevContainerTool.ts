import type {
  CreationEvent,
  CreationRequest,
  CreationSteps,
  DevContainerTool,
} from "../../src/domain/environment/creation";

/** Notes which step ran with what; `onUp` and `onCommands` may throw, or do what happens meanwhile. */
export class FakeDevContainerTool implements DevContainerTool {
  readonly requests: CreationRequest[] = [];
  readonly steps: string[] = [];
  containerId = "new1";
  onUp: (request: CreationRequest, onEvent: (event: CreationEvent) => void) => void | Promise<void> = () => undefined;
  onCommands: (containerId: string) => void | Promise<void> = () => undefined;

  /** How many creations have begun and not taken away what they made. */
  open = 0;

  begin(request: CreationRequest): Promise<CreationSteps> {
    this.open++;
    return Promise.resolve({
      up: (onEvent) => this.#up(request, onEvent),
      runUserCommands: (containerId) => this.#runUserCommands(containerId),
      close: () => {
        this.open--;
        return Promise.resolve();
      },
    });
  }

  async #up(request: CreationRequest, onEvent: (event: CreationEvent) => void) {
    this.requests.push(request);
    this.steps.push("up");
    onEvent({ kind: "step", text: "Pulling" });
    onEvent({ kind: "output", text: "Digest: sha256:0" });
    await this.onUp(request, onEvent);
    return { containerId: this.containerId, remoteUser: "dev", workspaceFolder: "/workspaces/app" };
  }

  async #runUserCommands(containerId: string) {
    this.steps.push(`run-user-commands ${containerId}`);
    await this.onCommands(containerId);
  }
}
