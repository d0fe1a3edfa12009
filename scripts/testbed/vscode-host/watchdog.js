"use strict";
// Takes the place of the native part of @vscode/native-watchdog: an extension host ends itself when its server is gone.
const SERVER_GONE = 87;

exports.start = (serverPid) => {
  const watch = setInterval(() => {
    try {
      process.kill(serverPid, 0);
    } catch {
      process.exit(SERVER_GONE);
    }
  }, 2000);
  watch.unref();
};
