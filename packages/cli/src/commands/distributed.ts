// millrace distributed: one worker of a cluster in this process, until it is told to stop.
import { loadWorkerFile } from '@millrace/runtime'
import { startDistributed } from '@millrace/runtime/distributed'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'
import { showProgress } from '../output/progress.ts'
import { untilStopped } from '../signals.ts'

/** Runs a worker with the given configuration file. Resolves when it has stopped. */
export async function distributed(workerFile: string): Promise<void> {
  const worker = await startDistributed({
    workerProps: await loadWorkerFile(workerFile),
    workerFile,
    pluginModules: BUILTIN_PLUGIN_MODULES,
  })
  const progress = showProgress(worker)
  await untilStopped()
  progress.stop()
  await worker.stop()
}
