// Named workers: a file with addresses and credentials, so that a command need not repeat them.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../exit-codes.ts'
import { ClientError } from './client-error.ts'

/** How to reach the REST API of one cluster. */
export interface ContextSettings {
  /** One address, or several of one cluster with commas between. */
  readonly url?: string
  readonly user?: string
  readonly password?: string
  readonly cacert?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Brokers of the cluster, for what REST cannot tell: where a topic begins and ends. */
  readonly bootstrapServers?: string
}

/** The whole file. */
export interface ContextsFile {
  readonly current?: string
  readonly contexts: Readonly<Record<string, ContextSettings>>
}

/** MILLRACE_CONTEXTS, else `millrace/contexts.json` in the user's configuration folder. */
export function contextsPath(env: NodeJS.ProcessEnv = process.env): string {
  return env.MILLRACE_CONTEXTS ?? join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'millrace', 'contexts.json')
}

/** The file's content; nothing when there is none. @throws ClientError for a file that is not what it should be */
export function readContexts(path = contextsPath()): ContextsFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { contexts: {} }
    throw new ClientError(ExitCode.START, `Cannot read the contexts ${path}: ${errorMessage(error)}`, { cause: error })
  }
  try {
    const value = JSON.parse(text) as Partial<ContextsFile>
    if (typeof value.contexts !== 'object' || value.contexts === null) throw new Error('it has no object "contexts"')
    return { contexts: value.contexts, ...(value.current !== undefined && { current: value.current }) }
  } catch (error) {
    throw new ClientError(ExitCode.START, `The contexts ${path} cannot be used: ${errorMessage(error)}`, {
      cause: error,
      action: 'Mend the file or remove it; millrace context set writes it anew.',
    })
  }
}

/** Writes the file whole, readable by its owner alone: it may hold passwords. */
export function writeContexts(file: ContextsFile, path = contextsPath()): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.${process.pid}.tmp`
  writeFileSync(partial, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 })
  chmodSync(partial, 0o600)
  renameSync(partial, path)
}
