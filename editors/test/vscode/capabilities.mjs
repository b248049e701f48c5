// What a routec's language server can do, as it says itself.

import { spawn } from "node:child_process";

/** The capabilities that `routec lsp` answers `initialize` with. */
export function capabilitiesOf(routec) {
  const child = spawn(routec, ["lsp"], { stdio: ["pipe", "pipe", "ignore"] });
  const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { capabilities: {} } });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(request)}\r\n\r\n${request}`);
  return new Promise((found, failed) => {
    let said = Buffer.alloc(0);
    child.once("error", failed);
    child.once("exit", (status) => failed(new Error(`\`${routec} lsp\` ended with ${status} before it answered`)));
    child.stdout.on("data", (data) => {
      said = Buffer.concat([said, data]);
      const head = said.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/i.exec(said.toString("latin1", 0, head))?.[1]);
      if (head < 0 || said.length < head + 4 + length) return;
      found(JSON.parse(said.toString("utf8", head + 4, head + 4 + length)).result.capabilities);
      child.kill();
    });
  });
}
