// Runs the command in this process, for tests: what it prints and how it ends.
import { run } from '../../run.ts'

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs one command with `env` over the environment. Not two at a time: console and exit code are the process's. */
export async function inProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const lines: { out: string[]; err: string[] } = { out: [], err: [] }
  const before = { log: console.log, error: console.error, code: process.exitCode, env: { ...process.env } }
  const write = process.stderr.write
  console.log = (text: unknown) => void lines.out.push(`${String(text)}\n`)
  console.error = (text: unknown) => void lines.err.push(`${String(text)}\n`)
  // Commander writes its own messages and help past the console.
  process.stderr.write = ((text: string) => lines.err.push(text) > 0) as typeof write
  process.exitCode = undefined
  Object.assign(process.env, env)
  try {
    await run(args)
    return { code: Number(process.exitCode ?? 0), out: lines.out.join(''), err: lines.err.join('') }
  } finally {
    console.log = before.log
    console.error = before.error
    process.stderr.write = write
    process.exitCode = before.code
    for (const key of Object.keys(env)) {
      if (before.env[key] === undefined) delete process.env[key]
      else process.env[key] = before.env[key]
    }
  }
}
