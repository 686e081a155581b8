// The registry as a server: `millrace registry`, and each instance in tests.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigException, type Logger, type RawConfig, silentLogger } from '@millrace/api'
import { BUILTIN_LANGUAGES } from './builtin-languages.ts'
import { readRegistryConfig } from './config.ts'
import type { LanguageLoaders } from './core/languages.ts'
import { type BoundListener, closeListener, type HttpsServerMaker, listenOn } from './listeners.ts'
import { type RegistryService, startService } from './service.ts'

/** What a registry is started with. */
export interface RegistryServerOptions {
  /** Keys as the reference's properties file has them. */
  readonly props: RawConfig
  readonly log?: Logger
  /** Default: all that there are. */
  readonly languages?: LanguageLoaders
  /** Needed for https listeners. */
  readonly https?: HttpsServerMaker
}

/** A running registry. */
export interface RunningRegistry {
  /** The first listener's address, without a path. */
  readonly url: string
  /** Whether this instance is the one that writes. */
  readonly isPrimary: boolean
  /** Stops listening, leaves the election, closes all connections. */
  close(): Promise<void>
}

/**
 * Listens at once, so that a port in use is found at once; requests wait until the topic has been read.
 * @throws ConfigException, ConnectException, KafkaException
 */
export async function startRegistry(options: RegistryServerOptions): Promise<RunningRegistry> {
  const settings = readRegistryConfig(options.props)
  const { values } = settings
  const ready = Promise.withResolvers<RegistryService>()
  // Its failure is this function's.
  ready.promise.catch(() => {})
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void ready.promise.then(
      (service) => service.handle(request, response),
      () => response.destroy(),
    )
  const bound: BoundListener[] = []
  try {
    for (const text of values.listeners) bound.push(await listenOn(text, handle, options.https))
    const scheme = values['inter.instance.protocol']
    const inner = bound.findLast((one) => one.scheme === scheme)
    if (inner === undefined) {
      throw ConfigException.invalidValue('inter.instance.protocol', scheme, 'No listener has this protocol')
    }
    const address = { scheme, host: settings.host, port: values['host.port'] ?? inner.port }
    const languages = options.languages ?? BUILTIN_LANGUAGES
    const service = await startService({ settings, address, languages, log: options.log ?? silentLogger })
    ready.resolve(service)
    return {
      url: urlOf(bound[0] as BoundListener),
      get isPrimary() {
        return service.isPrimary
      },
      close: async () => {
        await Promise.all(bound.map(closeListener))
        await service.close()
      },
    }
  } catch (error) {
    ready.reject(error)
    await Promise.all(bound.map(closeListener))
    throw error
  }
}

function urlOf({ scheme, host, port }: BoundListener): string {
  const open = host === '' || host === '0.0.0.0' || host === '::'
  const shown = open ? '127.0.0.1' : host
  return `${scheme}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}
