// Exit codes of the command: those of the reference's scripts, one for findings, and three of the client commands.

export const ExitCode = {
  OK: 0,
  /** Wrong usage: unknown command or option, missing argument. */
  USAGE: 1,
  /** Something failed while starting: unreadable or invalid configuration, port in use, no such plugin. */
  START: 2,
  /** The worker started and then failed, or could not find a Node.js that runs it. */
  FAILED: 3,
  /**
   * What was looked for was found: errors (`validate`, `plan`, `apply`), differences (`diff`), a connector that failed or did
   * not get where `--wait` wanted it, records missing (`quickstart --once`).
   */
  FINDINGS: 4,
  /** Client commands: no worker answers at the address, or not in time. */
  UNREACHABLE: 5,
  /** Client commands: the REST API refused the request; the message is the worker's. */
  REFUSED: 6,
  /** Client commands: there is no such connector, task, plugin or offset history. */
  NOT_FOUND: 7,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
