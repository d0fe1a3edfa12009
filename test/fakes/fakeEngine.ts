import type { CommandResult, Container, ContainerCommand, Engine } from "../../src/domain/environment/container";

export interface Execution extends ContainerCommand {
  readonly id: string;
}

/** What the hook answers when it has applied a delivery. */
export const APPLIED: CommandResult = { exitCode: 0, stdout: '{"outcome":"applied","hosts":[]}\n', stderr: "" };

/** Containers in memory; `answer` decides what a command inside gives, by default what an installed hook would. */
export class FakeEngine implements Engine {
  list: Container[];
  readonly executions: Execution[] = [];
  readonly removed: string[] = [];
  broken: Error | undefined;
  answer: (execution: Execution, signal?: AbortSignal) => CommandResult | Promise<CommandResult> = () => APPLIED;
  /** The ids that `starts` gives, in order; then it ends. */
  startIds: AsyncIterable<string> | Iterable<string> = [];

  constructor(containers: readonly Container[] = []) {
    this.list = [...containers];
  }

  containers(ids: readonly string[] = []) {
    if (this.broken) return Promise.reject(this.broken);
    return Promise.resolve(
      this.list.filter(({ id, labels }) => "devcontainer.local_folder" in labels || ids.includes(id)),
    );
  }

  inspect(ids: readonly string[]) {
    if (this.broken) return Promise.reject(this.broken);
    return Promise.resolve(this.list.filter(({ id }) => ids.includes(id)));
  }

  async exec(id: string, command: ContainerCommand, signal?: AbortSignal) {
    const execution = { id, ...command };
    this.executions.push(execution);
    return await this.answer(execution, signal);
  }

  async *starts() {
    for await (const id of this.startIds) yield id;
  }

  readonly images = new Set<string>();

  hasImage(name: string): Promise<boolean> {
    return Promise.resolve(this.images.has(name));
  }

  remove(id: string) {
    if (this.broken) return Promise.reject(this.broken);
    this.removed.push(id);
    this.list = this.list.filter((container) => container.id !== id);
    return Promise.resolve();
  }
}
