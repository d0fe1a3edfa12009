"use strict";
// Takes the place of the native module @vscode/spdlog, which would need a compiler. VS Code writes every output channel
// to a file through it and shows that file, so without a stand-in all channels stay empty.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];
const METHODS = ["trace", "debug", "info", "warn", "error", "critical"];
let defaultLevel = LEVELS.indexOf("info");

class Logger {
  constructor(file) {
    this.file = file;
    this.level = defaultLevel;
    this.open = true;
    this.formatted = true;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, "");
  }
  write(level, message) {
    if (!this.open || level < this.level) return;
    const stamp = new Date().toISOString().replace("T", " ").replace("Z", "");
    appendFileSync(this.file, this.formatted ? `${stamp} [${LEVELS[level]}] ${message}\n` : message);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  // VS Code clears the formatters for channels that it formats itself, line ends included.
  clearFormatters() {
    this.formatted = false;
  }
  flush() {}
  drop() {
    this.open = false;
  }
}
METHODS.forEach((method, level) => {
  Logger.prototype[method] = function (message) {
    this.write(level, message);
  };
});

// VS Code imports this as an ES module: Node finds the names only if each is assigned to `exports` by itself.
const create = async (_name, file) => new Logger(file);
exports.version = 0;
exports.Logger = class extends Logger {
  constructor(_kind, _name, file) {
    super(file);
  }
};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
exports.setLevel = (level) => {
  defaultLevel = level;
};
exports.setFlushOn = () => {};
