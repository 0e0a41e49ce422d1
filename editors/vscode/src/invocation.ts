/**
 * Command lines of `apwa`.
 *
 * In: a command, a program's file, and the flow or test that is meant. Out: arguments. Knows nothing of VS Code.
 */

/** The commands of `apwa` that the editor starts in a terminal. */
export const COMMANDS = ["check", "test", "run", "plan", "prove", "fmt"] as const;

export type Command = (typeof COMMANDS)[number];

/** The arguments of `apwa` that do `command` to `file`; `name` picks one flow, or the tests whose names hold it. */
export function argumentsOf(command: Command, file: string, name?: string, more: readonly string[] = []): string[] {
  const picked = name === undefined ? [] : command === "test" ? [`-k`, name] : takesFlow(command) ? ["--flow", name] : [];
  return [command, file, ...picked, ...more];
}

/** The arguments that draw a flow as SVG to standard output. */
export function graphArguments(file: string, flow?: string): string[] {
  return ["graph", file, "--format", "svg", "--color", "never", ...(flow === undefined ? [] : ["--flow", flow])];
}

function takesFlow(command: Command): boolean {
  return command === "run" || command === "plan" || command === "prove";
}
