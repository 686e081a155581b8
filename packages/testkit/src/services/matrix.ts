// Runs a suite on every broker there is: the embedded one and Apache Kafka.
import { after, before, describe } from 'node:test'
import type { BrokerOptions, BrokerService } from './broker-service.ts'
import { startEmbeddedBroker } from './embedded.ts'
import { FaultProxy } from './fault-proxy.ts'
import { startKafka, whyNoKafka } from './kafka.ts'

/** Options of {@link onEveryBroker}. */
export interface MatrixOptions extends BrokerOptions {
  /** A broker that this suite alone uses and may kill or pause. Without it, one is shared, and topics need names of their own. */
  readonly own?: boolean
}

/** One column of the matrix. */
export interface BrokerBackend {
  readonly name: BrokerService['name']
  readonly title: string
  /** Why it cannot be used here; undefined when it can. */
  readonly missing: string | undefined
  start(options?: MatrixOptions): Promise<BrokerService>
}

/** A broker whose clients all go through a proxy, the first connection and those that its metadata name. */
export interface ProxiedBroker extends AsyncDisposable {
  readonly broker: BrokerService
  readonly proxy: FaultProxy
}

/** Starts a broker of its own behind a proxy of its own. */
export async function startBehindProxy(backend: BrokerBackend, options: MatrixOptions = {}): Promise<ProxiedBroker> {
  const proxy = await FaultProxy.start()
  try {
    const broker = await backend.start({ ...options, own: true, advertised: proxy.address })
    const [host, port] = broker.address.split(':') as [string, string]
    proxy.target = { host, port: Number(port) }
    const close = async () => {
      await proxy.close()
      await broker.stop()
    }
    return { broker, proxy, [Symbol.asyncDispose]: close }
  } catch (error) {
    await proxy.close()
    throw error
  }
}

/** Every broker of the matrix, those included that cannot be started here. */
export function brokers(): readonly BrokerBackend[] {
  return [
    {
      name: 'embedded',
      title: 'the embedded broker',
      missing: undefined,
      start: ({ own = false, ...options } = {}) => startEmbeddedBroker({ ...options, inProcess: !own }),
    },
    {
      name: 'kafka',
      title: 'Apache Kafka',
      missing: whyNoKafka(),
      start: ({ own = false, properties, ...options } = {}) =>
        startKafka({ ...options, ...(properties && { properties }), own: own || properties !== undefined }),
    },
  ]
}

/**
 * Declares a suite once for each broker. `define` gets a function that gives the running broker inside of tests and hooks.
 * A broker that cannot be started here is a skipped suite that says why; with MILLRACE_REQUIRE_SERVICES=1 it is a failure.
 */
export function onEveryBroker(
  name: string,
  options: MatrixOptions,
  define: (broker: () => BrokerService) => void,
): void {
  const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'
  for (const backend of brokers()) {
    const skip = required ? undefined : backend.missing
    describe(`${name}, on ${backend.title}`, { skip }, () => {
      let service: BrokerService | undefined
      before(async () => {
        service = await backend.start(options)
      })
      after(() => service?.stop())
      define(() => service!)
    })
  }
}
