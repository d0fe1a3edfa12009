/** What an engine says of one container, free of the engine's own words. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** When the engine last started it, as the engine writes it (an opaque word: compared, never parsed). */
  readonly startedAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The labels of the image that it was made from: a container inherits them, so they prove nothing about it. */
  readonly imageLabels: Readonly<Record<string, string>>;
  /** Folders and volumes of the host that it mounts; `source` is a path on the engine's machine. */
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly destination: string }[];
  /** The user that its own process runs as; empty means root. */
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * How it shares memory with others: `private`, `alone` (others could join, and none has), `shareable` (one has), `host`,
   * `container:…`, `none`, or empty if unknown.
   */
  readonly ipcMode: string;
}

/** A command to run inside a container. Secrets only on `stdin`, where no process list shows them. */
export interface ContainerCommand {
  readonly command: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container runs (again), has stopped, or is there no more. */
export interface ContainerEvent {
  readonly id: string;
  readonly kind: "started" | "stopped" | "removed";
  /** False if it certainly lacks the label `devcontainer.local_folder`. */
  readonly isLabelled: boolean;
}

/** Something that belongs to a Compose project. */
export interface ComposePart {
  readonly kind: "container" | "network" | "volume";
  readonly id: string;
  readonly name: string;
}

/** The container engine (docker, podman) as the environments need it. */
export interface Engine {
  /** Containers that carry the label `devcontainer.local_folder` or are among `ids`, stopped ones included. */
  containers(ids?: readonly string[]): Promise<Container[]>;
  /** The containers with these ids; one that is gone is left out. */
  inspect(ids: readonly string[]): Promise<Container[]>;
  /** The other containers of its Compose project, stopped ones included; none where it is of no project. */
  companions(container: Pick<Container, "id" | "labels">): Promise<Container[]>;
  /** Runs a command. Throws `container-gone` if the container is not there or not running, `timed-out`. */
  exec(id: string, command: ContainerCommand, signal?: AbortSignal): Promise<CommandResult>;
  /** What happens to containers from now on, until `signal` ends it. Ends when the engine goes away. */
  events(signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** True if the engine has an image of this name, so that nothing has to be pulled. */
  hasImage(name: string): Promise<boolean>;
  /** What belongs to a Compose project (to any, if left out): containers, stopped ones included, networks and volumes. */
  composeParts(project?: string): Promise<ComposePart[]>;
  /** Stops a container, and with it the others of its Compose project; one that is gone is no error. Throws `cancelled`. */
  stop(container: Pick<Container, "id" | "labels">, signal?: AbortSignal): Promise<void>;
  /** Removes a container, running or not; one that is gone is no error. */
  remove(id: string): Promise<void>;
  /** Removes a network or a volume; false where the engine refuses, because something uses it. */
  removePart(part: ComposePart): Promise<boolean>;
}
