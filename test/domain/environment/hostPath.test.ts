import { strict as assert } from "node:assert";
import { contains, samePath, wslPath } from "../../../src/domain/environment/hostPath";

describe("paths of the machine that runs containers", () => {
  const same: [name: string, a: string, b: string, expected: boolean][] = [
    ["itself", "/home/ann/app", "/home/ann/app", true],
    ["with a slash at its end", "/home/ann/app/", "/home/ann/app", true],
    ["a drive in upper case", "C:\\Users\\ann\\app", "c:/Users/ann/app", true],
    ["a drive as Docker Desktop shows it", "c:\\app", "/run/desktop/mnt/host/c/app", true],
    ["a drive as a distribution shows it", "C:\\app", "/mnt/c/app", true],
    ["another drive", "C:\\app", "/mnt/d/app", false],
    ["a folder of a Mac", "/Users/ann/app", "/host_mnt/Users/ann/app", true],
    ["both spellings of a distribution", "\\\\wsl.localhost\\Ubuntu\\home\\ann", "\\\\wsl$\\ubuntu\\home\\ann", true],
    ["two distributions", "\\\\wsl.localhost\\Ubuntu\\home\\ann", "\\\\wsl.localhost\\Debian\\home\\ann", false],
    ["a distribution's folder, and one of this machine", "\\\\wsl.localhost\\Ubuntu\\home\\ann", "/home/ann", false],
    ["another name in upper case", "/home/ann/App", "/home/ann/app", false],
  ];
  for (const [name, a, b, expected] of same) {
    it(`the same folder: ${name}`, () => assert.deepEqual([samePath(a, b), samePath(b, a)], [expected, expected]));
  }

  const inside: [name: string, folder: string, path: string, expected: boolean][] = [
    ["itself", "/home/ann/app", "/home/ann/app", true],
    ["a folder below", "/home/ann", "/home/ann/app", true],
    ["a name that begins alike", "/home/ann/app", "/home/ann/app2", false],
    ["a folder above", "/home/ann/app", "/home/ann", false],
    ["the root, which holds everything and proves nothing", "/", "/home/ann", false],
    [
      "a distribution's folder, mounted by the engine in it",
      "/home/ann/app",
      "\\\\wsl.localhost\\Ubuntu\\home\\ann\\app",
      true,
    ],
    ["a drive, mounted by the engine of a distribution", "/mnt/c/app", "C:\\app\\web", true],
  ];
  for (const [name, folder, path, expected] of inside) {
    it(`in a folder: ${name}`, () => assert.equal(contains(folder, path), expected));
  }

  const distributions: [path: string, expected: ReturnType<typeof wslPath>][] = [
    ["\\\\wsl.localhost\\Ubuntu-24.04\\home\\ann", { distribution: "Ubuntu-24.04", path: "/home/ann" }],
    ["//wsl$/Debian", { distribution: "Debian", path: "/" }],
    ["\\\\server\\share\\app", undefined],
    ["/wsl.localhost/Ubuntu", undefined],
  ];
  for (const [path, expected] of distributions) {
    it(`the distribution of ${path}`, () => assert.deepEqual(wslPath(path), expected));
  }
});
