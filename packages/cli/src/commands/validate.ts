// millrace validate: what a worker would say of a connector's configuration, without a worker.
import { ConnectException } from '@millrace/api'
import {
  type ConfigInfos,
  loadConnectorFile,
  loadWorkerFile,
  PluginRegistry,
  pluginModulesOf,
  resolveAndValidate,
} from '@millrace/runtime'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'
import { ExitCode } from '../exit-codes.ts'
import { describeError } from '../output/errors.ts'

/** Validates files one after another and prints what is wrong with each key. Sets exit code 4 when anything is. */
export async function validate(
  files: readonly string[],
  options: { readonly worker?: string; readonly json?: boolean },
): Promise<void> {
  const workerProps = options.worker === undefined ? {} : await loadWorkerFile(options.worker)
  const registry = await PluginRegistry.load(await pluginModulesOf(workerProps, BUILTIN_PLUGIN_MODULES))
  for (const file of files) {
    try {
      const { config } = await loadConnectorFile(file)
      const answer = await resolveAndValidate(registry, workerProps, config)
      if (answer.error_count > 0) process.exitCode = ExitCode.FINDINGS
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : report(file, answer))
    } catch (error) {
      // A file that is no configuration, or of an unknown class, is a finding; the next file is looked at all the same.
      if (!(error instanceof ConnectException)) throw error
      process.exitCode = ExitCode.FINDINGS
      console.error(describeError(located(error, file)))
    }
  }
}

function located(error: ConnectException, file: string): ConnectException {
  return error.message.includes(file) ? error : new ConnectException(`${file}: ${error.message}`, { cause: error })
}

function report(file: string, answer: ConfigInfos): string {
  if (answer.error_count === 0) return `${file}: valid`
  const lines = answer.configs.flatMap(({ value }) =>
    (value?.errors ?? []).map((error) => `  ${value?.name}: ${error}`),
  )
  return [`${file}: ${answer.error_count} error${answer.error_count === 1 ? '' : 's'}`, ...lines].join('\n')
}
