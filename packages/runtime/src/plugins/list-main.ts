// Entry of a short thread that imports one module to see which plugins it has, so that its code never runs on the worker's
// own thread.
import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '@millrace/api'
import { entriesOf, importPlugins } from './sources.ts'

try {
  parentPort?.postMessage({ plugins: entriesOf(await importPlugins(workerData as string)) })
} catch (error) {
  parentPort?.postMessage({ error: errorMessage(error) })
}
