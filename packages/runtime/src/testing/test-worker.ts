// Starts a real standalone worker on a real (embedded) broker for a test, and ends both after it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startBroker } from '@millrace/broker'
import type { LogTarget } from '../logging/output.ts'
import { type StandaloneOptions, type StandaloneWorker, startStandalone } from '../standalone.ts'

const PATIENCE_MS = 90_000

/** A worker with what tests ask it. */
export interface TestWorker {
  readonly worker: StandaloneWorker
  readonly url: string
  readonly folder: string
  readonly bootstrap: string
  /** Lines that the control plane logged. */
  readonly logged: string[]
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; headers: Headers }>
  /** Asks until the answer fits, and gives it; the last one after ten seconds. */
  until(path: string, fits: (body: never) => boolean): Promise<unknown>
}

const endings = new WeakMap<TestContext, (() => unknown)[]>()

/** Runs `step` after the test, the last one asked for first: hooks of the test runner would run in the order of asking. */
export function atEnd(t: TestContext, step: () => unknown): void {
  const known = endings.get(t)
  if (known !== undefined) {
    known.push(step)
    return
  }
  const steps = [step]
  endings.set(t, steps)
  t.after(async () => {
    for (const one of steps.reverse()) await one()
  })
}

/** A folder that goes away after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'))
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Configuration of a worker whose data is in `folder`. */
export function workerProps(folder: string, bootstrap: string): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': join(folder, 'connect.offsets'),
    'offset.flush.interval.ms': '200',
    listeners: 'http://localhost:0',
  }
}

/** Options of a worker on `bootstrap`, with the plugins that tests use. */
export function workerOptions(
  folder: string,
  bootstrap: string,
  props: Readonly<Record<string, string>> = {},
  target: LogTarget = { write: () => {} },
): StandaloneOptions {
  return {
    workerProps: { ...workerProps(folder, bootstrap), ...props },
    pluginModules: [
      '@millrace/converters',
      '@millrace/connector-file',
      new URL('./control-plugins.ts', import.meta.url).href,
    ],
    // Threads of tasks write to standard output themselves: only what is wrong should be seen there.
    logging: { format: 'json', target, levels: { 'org.apache.kafka.connect.runtime.WorkerSourceTask': 'OFF' } },
  }
}

/** Starts broker and worker. */
export async function startTestWorker(
  t: TestContext,
  props: Readonly<Record<string, string>> = {},
  options: Partial<StandaloneOptions> = {},
): Promise<TestWorker> {
  const folder = temporaryFolder(t)
  const broker = await startBroker({ dataDir: join(folder, 'broker'), port: 0, host: '127.0.0.1' })
  atEnd(t, () => broker.close())
  const logged: string[] = []
  const target = { write: (text: string) => void logged.push(text) }
  const worker = await startStandalone({ ...workerOptions(folder, broker.bootstrap, props, target), ...options })
  atEnd(t, () => worker.stop())
  const url = worker.restUrl
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : parse(text), headers: response.headers }
  }
  const until = async (path: string, fits: (body: never) => boolean) => {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const { body } = await call('GET', path)
      if (fits(body as never) || performance.now() > end) return body
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { worker, url, folder, bootstrap: broker.bootstrap, logged, call, until }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
