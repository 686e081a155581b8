// Registries and their clients for tests.
import type { TestContext } from 'node:test'
import { startBroker } from '../../broker.ts'
import { temporaryFolder } from '../../testing/temporary.ts'
import { type RegistryServerOptions, type RunningRegistry, startRegistry } from '../server.ts'

/** An answer with its body as JSON. */
export interface Answer {
  readonly status: number
  readonly contentType: string | null
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all shapes, looked at by assertions
  readonly body: any
}

/** Sends requests to one registry. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** A client of a registry at a URL. */
export function asks(url: string): Ask {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      }),
    })
    const text = await answer.text()
    const contentType = answer.headers.get('content-type')
    return { status: answer.status, contentType, body: text === '' ? undefined : JSON.parse(text) }
  }
}

/** Starts a registry over a broker; closed after the test. */
export async function registryOver(
  t: TestContext,
  bootstrap: string,
  props: Readonly<Record<string, string>> = {},
  options: Partial<RegistryServerOptions> = {},
): Promise<{ registry: RunningRegistry; ask: Ask }> {
  const registry = await startRegistry({
    props: {
      'kafkastore.bootstrap.servers': bootstrap,
      'kafkastore.timeout.ms': '20000',
      listeners: 'http://127.0.0.1:0',
      'host.name': '127.0.0.1',
      ...props,
    },
    ...options,
  })
  t.after(() => registry.close())
  return { registry, ask: asks(registry.url) }
}

/** Starts an embedded broker and a registry over it. */
export async function freshRegistry(t: TestContext, props: Readonly<Record<string, string>> = {}) {
  const broker = await startBroker({ dataDir: temporaryFolder(t), port: 0 })
  t.after(() => broker.close())
  return { broker, ...(await registryOver(t, broker.bootstrap, props)) }
}
