// Runs routec and waits for what it says.

import { execFile } from "node:child_process";

/** What a run of routec ended with. */
export interface Ran {
  /** Exit status: 0 clean, 1 findings, 2 wrong use or unreadable input; undefined when it could not be started. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a program without a shell. Never throws: what went wrong is in `status` and `stderr`. */
export function run(program: string, args: string[], cwd: string): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd, maxBuffer: 64 << 20, timeout: 60_000, windowsHide: true };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) done({ status: 0, stdout, stderr });
      else if (typeof error.code === "number") done({ status: error.code, stdout, stderr });
      else done({ status: undefined, stdout, stderr: stderr || error.message });
    });
  });
}
