// Exit codes of the command: those of the reference's scripts, and one for what validate and quickstart find.

export const ExitCode = {
  OK: 0,
  /** Wrong usage: unknown command or option, missing argument. */
  USAGE: 1,
  /** Something failed while starting: unreadable or invalid configuration, port in use, no such plugin. */
  START: 2,
  /** The worker started and then failed, or could not find a Node.js that runs it. */
  FAILED: 3,
  /** `validate` found errors; `quickstart --once` found records missing. */
  FINDINGS: 4,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
