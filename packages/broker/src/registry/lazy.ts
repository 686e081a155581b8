// The registry of `millrace dev`: it only listens until somebody asks. Then it is loaded and started, and answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorMessage, type Logger, type RawConfig } from '@millrace/api'
import { closeListener, listenOn } from './listeners.ts'
import type { RegistryService } from './service.ts'

/** Where and how. */
export interface LazyRegistryOptions {
  /** `http://host:port`; port 0 takes any free one. */
  readonly listener: string
  /** Keys of the registry but `listeners`. */
  readonly props: RawConfig
  readonly log: Logger
}

/** A registry that starts at its first request. */
export interface LazyRegistry {
  readonly url: string
  close(): Promise<void>
}

/** Listens. @throws ConnectException when the port is in use */
export async function listenLazily({ listener, props, log }: LazyRegistryOptions): Promise<LazyRegistry> {
  let service: Promise<RegistryService> | undefined
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const starting = (service ??= start())
    try {
      await (await starting).handle(request, response)
    } catch (error) {
      // The next request tries again: the broker may be there by then.
      if (service === starting) service = undefined
      log.error('The schema registry could not be started', { error })
      const body = JSON.stringify({ error_code: 50001, message: errorMessage(error) })
      response.writeHead(500, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(body)
    }
  }
  const bound = await listenOn(listener, (request, response) => void handle(request, response))
  const { host, port } = bound
  const start = async (): Promise<RegistryService> => {
    const [{ readRegistryConfig }, { BUILTIN_LANGUAGES }, { startService }] = await Promise.all([
      import('./config.ts'),
      import('./builtin-languages.ts'),
      import('./service.ts'),
    ])
    const address = { scheme: 'http', host, port }
    return startService({ settings: readRegistryConfig(props), address, languages: BUILTIN_LANGUAGES, log })
  }
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      await closeListener(bound)
      // One that could not be started has nothing to close.
      await (await service?.catch(() => undefined))?.close()
    },
  }
}
