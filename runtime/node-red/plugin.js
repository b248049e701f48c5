//! The entry that Node-RED loads.
'use strict';

const { Plugin } = require('./lib/plugin');

module.exports = (RED) => {
  let plugin;
  RED.plugins.registerPlugin('route', {
    type: 'route',
    onadd() {
      plugin = new Plugin(RED);
      plugin.open();
    },
    onremove() {
      plugin.close().catch((error) => RED.log.error(`[route] ${error.stack}`));
    },
  });
};
