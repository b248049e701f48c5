// Command lines of routec. Knows nothing of the editor.

/** What a task has routec do. */
export type Command = "check" | "test";

/** The problem matchers that read what a command says; each is declared in `package.json`. */
export const MATCHERS: Record<Command, string[]> = {
  check: ["$routec"],
  // A stack with faults is not tested: then the lines are those of `check`.
  test: ["$routec", "$routec-test"],
};

/** Arguments whose output the problem matchers can read. */
export function argumentsOf(command: Command, stack: string, more: string[] = []): string[] {
  // A name that begins with a dash is still a file.
  return [command, "--output-format", "concise", ...more, "--", stack];
}

/** Arguments that run the tests with this in their names. */
export function oneTest(name: string): string[] {
  // In one piece, so that a name may begin with a dash.
  return [`--filter=${name}`];
}
