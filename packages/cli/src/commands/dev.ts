// millrace dev: broker and worker in one process, for development.
import { type DevStack, startStack } from '../dev/stack.ts'
import { port, seconds } from '../numbers.ts'
import { showProgress } from '../output/progress.ts'
import { untilStopped } from '../signals.ts'

/** Runs the stack until stopped, or for `exitAfter` seconds. */
export async function dev(connectorFiles: readonly string[], options: Readonly<Record<string, string>>): Promise<void> {
  const limitMs = options.exitAfter === undefined ? undefined : seconds('--exit-after', options.exitAfter)
  const stack = await startStack({
    dataDir: options.data as string,
    brokerPort: port('--broker-port', options.brokerPort as string),
    restPort: port('--rest-port', options.restPort as string),
    connectorFiles,
  })
  announce(stack)
  const progress = showProgress(stack.worker)
  await untilStopped(limitMs)
  progress.stop()
  await stack.stop()
}

/** Says where things are: in words on a terminal, as one more line of the JSON log on a pipe. */
function announce({ bootstrap, restUrl, dataDir }: DevStack): void {
  if (process.stdout.isTTY) {
    console.log(`Broker   ${bootstrap}   (for development only; data in ${dataDir})`)
    console.log(`Connect  ${restUrl}   try: curl ${restUrl}/connector-plugins`)
  } else {
    const line = {
      level: 'INFO',
      time: new Date().toISOString(),
      logger: 'millrace.dev',
      broker: bootstrap,
      rest: restUrl,
      data: dataDir,
    }
    console.log(JSON.stringify({ ...line, message: 'Broker and worker are ready' }))
  }
}
