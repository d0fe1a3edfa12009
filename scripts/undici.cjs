// What of undici is shipped: its connections and `request`, without fetch, WebSocket and caches, which would be read and
// compiled at every start of the command line for nothing. `scripts/build.mjs` bundles this as dist/undici.js.
const Dispatcher = require("undici/lib/dispatcher/dispatcher");

Object.assign(Dispatcher.prototype, {
  connect: require("undici/lib/api/api-connect"), // the way through a proxy
  request: require("undici/lib/api/api-request"),
});

module.exports = {
  Agent: require("undici/lib/dispatcher/agent"),
  Client: require("undici/lib/dispatcher/client"),
  buildConnector: require("undici/lib/core/connect"),
};
