// millrace standalone: one worker in this process, until it is told to stop.
import { loadWorkerFile, startStandalone } from '@millrace/runtime'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'
import { showProgress } from '../output/progress.ts'
import { untilStopped } from '../signals.ts'

/** Runs a worker with the given configuration files. Resolves when it has stopped. */
export async function standalone(workerFile: string, connectorFiles: readonly string[]): Promise<void> {
  const worker = await startStandalone({
    workerProps: await loadWorkerFile(workerFile),
    workerFile,
    connectorFiles,
    pluginModules: BUILTIN_PLUGIN_MODULES,
  })
  const progress = showProgress(worker)
  await untilStopped()
  progress.stop()
  await worker.stop()
}
