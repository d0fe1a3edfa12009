type Answer = (...given: never[]) => Promise<unknown>;
/** A port all of whose answers come later, so that its adapter can be loaded before the first one. */
type Later<Port> = Port extends Answer ? Port : Port extends Readonly<Record<keyof Port, Answer>> ? Port : never;

/**
 * A port (an object of methods, or a single function) whose adapter is loaded with the first call: a start reads and compiles
 * only what it needs. `load` is called at most once; where it fails, so does every call.
 */
export function onFirstUse<Port extends object>(load: () => Promise<Port>): Later<Port> {
  type Call = (...given: unknown[]) => Promise<unknown>;
  let loading: Promise<Port> | undefined;
  const loaded = () => (loading ??= load());
  const port = new Proxy<Call>(async (...given) => await ((await loaded()) as Call)(...given), {
    get: (_, name) => {
      if (name === "then") return undefined; // or `await` would take the port for a promise
      return async (...given: unknown[]) => {
        const made = (await loaded()) as unknown as Record<PropertyKey, Call>;
        return await made[name]?.(...given);
      };
    },
  });
  return port as unknown as Later<Port>;
}
