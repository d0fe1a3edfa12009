import { main } from "../../src/cli/main";
import type { CliPorts } from "../../src/cli/ports";
import { Failure } from "../../src/domain/failure";
import { silentLog } from "../../src/domain/log";
import { noDockerLogin } from "./dockerLogin";
import { FakeDevContainerTool } from "./fakeDevContainerTool";
import { FakeEngine } from "./fakeEngine";
import { FakeNativeIdentity, fakeLogins } from "./fakeNativeIdentity";
import { FakeProber } from "./fakeProber";
import { FakeRecords } from "./fakeRecords";

export const FOLDER = "/home/dev/app";
export const CONFIG = `${FOLDER}/.devcontainer/devcontainer.json`;

/** The world of one call of the command line: one folder, its files, one engine, one registry. */
export class FakeWorld {
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly engine = new FakeEngine();
  readonly prober = new FakeProber();
  readonly tool = new FakeDevContainerTool();
  readonly records = new FakeRecords();
  readonly cloud = new FakeNativeIdentity();
  readonly stopped = new AbortController();
  readonly remembered: string[] = [];
  readonly sleeps: number[] = [];
  /** Passes only while somebody sleeps. */
  time = 0;
  files: Record<string, string> = { [CONFIG]: '{"image": "ghcr.io/acme/app:1"}' };
  secretsFiles: Record<string, Record<string, string> | Failure> = {};
  env: Record<string, string | undefined> = {};
  /** By absolute path; what is on standard input under "-". */
  texts: Record<string, string> = {};
  known = new Set<string>();
  realmsGiven: readonly string[] = [];
  onSecretsFile: (() => void) | undefined;
  onSleep: () => void = () => undefined;

  async run(...argv: string[]): Promise<number> {
    return await main(argv, this.ports());
  }

  /** What was printed, as the one JSON document that it should be. */
  json(): unknown {
    return JSON.parse(this.out.join("\n"));
  }

  ports(): CliPorts {
    return {
      print: (line) => void this.out.push(line),
      tell: (line) => void this.err.push(line),
      log: silentLog,
      env: this.env,
      version: "1.2.3",
      signal: this.stopped.signal,
      now: () => this.time,
      sleep: (milliseconds) => {
        this.sleeps.push(milliseconds);
        this.time += milliseconds;
        this.onSleep();
        return Promise.resolve();
      },
      folderAt: (path) =>
        path === "." || path === FOLDER
          ? Promise.resolve(FOLDER)
          : Promise.reject(new Failure("wrong-use", `There is no folder ${path}.`)),
      pathAt: (path) => (path.startsWith("/") ? path : `${FOLDER}/${path}`),
      readText: (path = "-") => {
        const found = this.texts[path];
        return found === undefined
          ? Promise.reject(new Failure("wrong-use", `There is no file ${path}.`))
          : Promise.resolve(found);
      },
      readSecretsFile: (path) => {
        const found = this.secretsFiles[path];
        if (found === undefined) return Promise.reject(new Failure("invalid-secrets-file", "There is no such file."));
        return found instanceof Failure ? Promise.reject(found) : Promise.resolve(found);
      },
      watchFile: (_path, onChange) => {
        this.onSecretsFile = onChange;
        return () => (this.onSecretsFile = undefined);
      },
      imagePorts: {},
      enginePlatform: () => Promise.resolve("linux/amd64"),
      files: {
        read: (path) => Promise.resolve(this.files[path]),
        folders: (path) =>
          Promise.resolve([
            ...new Set(
              Object.keys(this.files)
                .filter((file) => file.startsWith(`${path}/`))
                .map((file) => file.slice(path.length + 1).split("/"))
                .flatMap(([first, ...rest]) => (first !== undefined && rest.length > 0 ? [first] : [])),
            ),
          ]),
      },
      engine: this.engine,
      tool: this.tool,
      dockerLogin: noDockerLogin,
      logins: fakeLogins(this.cloud),
      prober: (allowedRealms) => {
        this.realmsGiven = allowedRealms;
        return this.prober;
      },
      installScript: () => Promise.resolve("# installs the hook\n"),
      projectOf: (folder) => Promise.resolve(`folder:${folder}`),
      records: this.records,
      knownContainers: () => Promise.resolve(this.known),
      unfinishedContainers: () => Promise.resolve(new Set()),
      remember: (id) => {
        this.remembered.push(id);
        this.known.add(id);
        return Promise.resolve();
      },
    };
  }
}
