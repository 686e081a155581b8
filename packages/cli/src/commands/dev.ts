// millrace dev: broker, worker and schema registry in one process, for development.
import { type DevStack, startStack } from '../dev/stack.ts'
import { port, seconds } from '../numbers.ts'
import { showProgress } from '../output/progress.ts'
import { untilStopped } from '../signals.ts'

/** Many machines have something on it: without --registry-port the stack goes on without a registry then. */
const REGISTRY_PORT = '8081'

/** Runs the stack until stopped, or for `exitAfter` seconds. */
export async function dev(connectorFiles: readonly string[], options: Readonly<Record<string, string>>): Promise<void> {
  const limitMs = options.exitAfter === undefined ? undefined : seconds('--exit-after', options.exitAfter)
  const stack = await startStack({
    dataDir: options.data as string,
    brokerPort: port('--broker-port', options.brokerPort as string),
    restPort: port('--rest-port', options.restPort as string),
    registryPort: port('--registry-port', options.registryPort ?? REGISTRY_PORT),
    registryMayLack: options.registryPort === undefined,
    connectorFiles,
  })
  announce(stack)
  const progress = showProgress(stack.worker)
  await untilStopped(limitMs)
  progress.stop()
  await stack.stop()
}

/** Says where things are: in words on a terminal, as one more line of the JSON log on a pipe. */
function announce({ bootstrap, restUrl, registryUrl, dataDir }: DevStack): void {
  if (process.stdout.isTTY) {
    console.log(`Broker   ${bootstrap}   (for development only; data in ${dataDir})`)
    console.log(`Connect  ${restUrl}   try: curl ${restUrl}/connector-plugins`)
    if (registryUrl !== undefined) console.log(`Schemas  ${registryUrl}   (starts with the first request)`)
  } else {
    const line = {
      level: 'INFO',
      time: new Date().toISOString(),
      logger: 'millrace.dev',
      broker: bootstrap,
      rest: restUrl,
      registry: registryUrl,
      data: dataDir,
    }
    console.log(JSON.stringify({ ...line, message: 'Broker, worker and schema registry are ready' }))
  }
}
