// Child processes of tests: started, paused, killed, and never left behind.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Where the system can tie a child's life to its parent's, a killed test run leaves nothing behind either. */
const WRAPPER = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

/** The wrapper changes the user itself: the tie to the parent is lost with a change that comes after it. */
function wrapping(user: ProcessUser | undefined): string[] {
  const change = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  return [...change, '--pdeathsig', 'KILL']
}

/** How to start a process; its output goes to `logFile`. */
export interface ProcessOptions {
  readonly command: readonly string[]
  readonly logFile: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Runs it as another user; only root can. */
  readonly user?: ProcessUser
  /** In a process group of its own: Ctrl-C in the terminal does not reach it. For starters that end it themselves then. */
  readonly detached?: boolean
}

/** A user of the system, by numbers. */
export interface ProcessUser {
  readonly uid: number
  readonly gid: number
}

/** A process that can be killed and started again with the same command. */
export class ServiceProcess {
  readonly #options: ProcessOptions
  #child: ChildProcess | null = null

  constructor(options: ProcessOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }
  get isRunning(): boolean {
    return this.#child !== null
  }

  /** Starts the process. @throws Error when it runs already */
  start(): void {
    if (this.#child !== null) throw new Error(`Runs already: ${this.#options.command.join(' ')}`)
    const { command, logFile, cwd, env, user, detached = false } = this.#options
    const [program, ...args] = WRAPPER === undefined ? command : [WRAPPER, ...wrapping(user), '--', ...command]
    const log = openSync(logFile, 'a')
    const stdio: StdioOptions = ['ignore', log, log]
    const child = spawn(program!, args, {
      stdio,
      cwd,
      detached,
      env: { ...process.env, ...env },
      ...(WRAPPER === undefined && user),
    })
    closeSync(log)
    this.#child = child
    running.add(child)
    const gone = () => {
      running.delete(child)
      if (this.#child === child) this.#child = null
    }
    child.once('exit', gone)
    child.once('error', gone)
    // The service must not keep a finished test run alive: it ends with it.
    child.unref()
  }

  /** Sends a signal. @throws Error when the process does not run */
  signal(signal: NodeJS.Signals): void {
    if (this.#child?.kill(signal) !== true) throw new Error(`Does not run: ${this.#options.command.join(' ')}`)
  }

  /**
   * Ends the process with `signal`, SIGKILL after `patienceMs`; resolves when it is gone, with its exit code, or null when it
   * had none: ended by a signal, or not running.
   */
  async end(signal: NodeJS.Signals, patienceMs = 10_000): Promise<number | null> {
    const child = this.#child
    if (child === null) return null
    const gone = once(child, 'exit') as Promise<[code: number | null]>
    child.ref()
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    const [code] = await gone
    clearTimeout(timer)
    return code
  }

  /** The end of its output, for messages. */
  lastOutput(chars = 2_000): string {
    try {
      return readFileSync(this.#options.logFile, 'utf8').slice(-chars)
    } catch {
      return ''
    }
  }
}
