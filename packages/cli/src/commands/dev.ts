// millrace dev: broker and worker in one process, for development.
import { ConfigException } from '@millrace/api'
import { startStack } from '../dev/stack.ts'
import { showProgress } from '../output/progress.ts'
import { untilStopped } from '../signals.ts'

/** Runs the stack until stopped, or for `exitAfter` seconds. */
export async function dev(connectorFiles: readonly string[], options: Readonly<Record<string, string>>): Promise<void> {
  const stack = await startStack({
    dataDir: options.data as string,
    brokerPort: port('--broker-port', options.brokerPort as string),
    restPort: port('--rest-port', options.restPort as string),
    connectorFiles,
  })
  console.log(`Broker   ${stack.bootstrap}   (for development only; data in ${stack.dataDir})`)
  console.log(`Connect  ${stack.restUrl}   try: curl ${stack.restUrl}/connector-plugins`)
  const progress = showProgress(stack.worker)
  await untilStopped(options.exitAfter === undefined ? undefined : Number(options.exitAfter) * 1000)
  progress.stop()
  await stack.stop()
}

function port(option: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  throw new ConfigException(
    `Invalid value ${text} for ${option}: a port is a number from 0 to 65535; 0 takes any free one`,
  )
}
