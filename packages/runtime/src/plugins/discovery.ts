// Which plugins a module without a manifest has: imported once, in a thread of its own that is ended after.
import { Worker } from 'node:worker_threads'
import { ConnectException } from '@millrace/api'
import { type ListedModule, type ManifestEntry, stampOf } from './sources.ts'

const ENTRY = new URL(`./list-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
/** A module that takes longer to import is not one of plugins. */
const IMPORT_MS = 20_000

const known = new Map<string, ListedModule>()

/** The plugins of a module, remembered for as long as its file does not change. @throws ConnectException */
export async function discover(module: string): Promise<ListedModule> {
  const stamp = await stampOf(module)
  const before = known.get(module)
  if (before?.stamp === stamp) return before
  const found = { module, stamp, plugins: await listInThread(module) }
  known.set(module, found)
  return found
}

async function listInThread(module: string): Promise<readonly ManifestEntry[]> {
  const worker = new Worker(ENTRY, { workerData: module })
  const answer = Promise.withResolvers<readonly ManifestEntry[]>()
  const fail = (text: string) => answer.reject(new ConnectException(text))
  worker.once('message', (message: { plugins?: readonly ManifestEntry[]; error?: string }) =>
    message.plugins === undefined ? fail(message.error ?? 'no answer') : answer.resolve(message.plugins),
  )
  worker.once('error', (error: Error) => fail(`Cannot load plugins of ${module}: ${error.message}`))
  worker.once('exit', () => fail(`Cannot load plugins of ${module}: it ended the thread that imported it`))
  const timer = setTimeout(
    () => fail(`Cannot load plugins of ${module}: its import took over ${IMPORT_MS} ms`),
    IMPORT_MS,
  )
  try {
    return await answer.promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
