import type {
  CommandResult,
  ComposePart,
  Container,
  ContainerCommand,
  ContainerEvent,
  Engine,
} from "../../src/domain/environment/container";

type Happening = Omit<ContainerEvent, "isLabelled"> & Partial<ContainerEvent>;

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
  /** What `events` gives, in order (an id alone: it started; with the label unless it says otherwise); then it ends. */
  happens: AsyncIterable<string | Happening> | Iterable<string | Happening> = [];

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

  companions({ id, labels }: Pick<Container, "id" | "labels">) {
    const label = "com.docker.compose.project";
    const isOne = (other: Container) => other.id !== id && other.labels[label] === labels[label];
    return Promise.resolve(labels[label] === undefined ? [] : this.list.filter(isOne));
  }

  async exec(id: string, command: ContainerCommand, signal?: AbortSignal) {
    const execution = { id, ...command };
    this.executions.push(execution);
    return await this.answer(execution, signal);
  }

  async *events(): AsyncGenerator<ContainerEvent> {
    for await (const event of this.happens) {
      yield { isLabelled: true, ...(typeof event === "string" ? { id: event, kind: "started" } : event) };
    }
  }

  readonly images = new Set<string>();

  hasImage(name: string): Promise<boolean> {
    return Promise.resolve(this.images.has(name));
  }

  readonly stopped: string[] = [];

  stop({ id }: Pick<Container, "id">) {
    if (this.broken) return Promise.reject(this.broken);
    this.stopped.push(id);
    this.list = this.list.map((container) => (container.id === id ? { ...container, running: false } : container));
    return Promise.resolve();
  }

  /** The networks and volumes of Compose projects, and those that the engine does not let go of. */
  parts: (ComposePart & { readonly project: string })[] = [];
  readonly used = new Set<string>();

  composeParts(project?: string): Promise<ComposePart[]> {
    if (this.broken) return Promise.reject(this.broken);
    const containers = this.list.flatMap(({ id, name, labels }) => {
      const of = labels["com.docker.compose.project"];
      return of === undefined ? [] : [{ kind: "container" as const, id, name, project: of }];
    });
    return Promise.resolve([...containers, ...this.parts].filter((part) => !project || part.project === project));
  }

  removePart({ id }: ComposePart): Promise<boolean> {
    if (this.used.has(id)) return Promise.resolve(false);
    this.parts = this.parts.filter((part) => part.id !== id);
    this.removed.push(id);
    return Promise.resolve(true);
  }

  remove(id: string) {
    if (this.broken) return Promise.reject(this.broken);
    this.removed.push(id);
    this.list = this.list.filter((container) => container.id !== id);
    return Promise.resolve();
  }
}
