// Registry instances as processes of their own, which tests may kill.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { freePorts, ServiceProcess, type TemporaryFolder, until } from '@millrace/testkit'

const COMMAND = resolve(import.meta.dirname, '../../packages/cli/src/main.ts')

/** An answer with its body as JSON; null when there was no answer. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all shapes, looked at by assertions
  readonly body: any
}

/** A registry in a process of its own. */
export interface RegistryInstance {
  readonly url: string
  readonly process: ServiceProcess
  /** Null when the instance went away before it answered. */
  ask(method: string, path: string, body?: unknown): Promise<Answer | null>
  /** Starts it again, with the same configuration, and waits until it answers. */
  restart(): Promise<void>
}

/** Starts an instance over a broker and waits until it answers. */
export async function startInstance(
  folder: TemporaryFolder,
  bootstrap: string,
  props: Readonly<Record<string, string>>,
): Promise<RegistryInstance> {
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const all = {
    'kafkastore.bootstrap.servers': bootstrap,
    'kafkastore.topic.replication.factor': '1',
    'kafkastore.timeout.ms': '20000',
    'kafkagroup.session.timeout.ms': '6000',
    'kafkagroup.heartbeat.interval.ms': '500',
    listeners: url,
    'host.name': '127.0.0.1',
    ...props,
  }
  const file = folder.file(`registry-${port}.properties`)
  writeFileSync(
    file,
    Object.entries(all)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const child = new ServiceProcess({
    command: [process.execPath, COMMAND, 'registry', file],
    logFile: folder.file(`registry-${port}.log`),
  })
  const ask = (method: string, path: string, body?: unknown) => askRegistry(url, method, path, body)
  const restart = async () => {
    child.start()
    const ready = async () => (await ask('GET', '/subjects'))?.status === 200
    const what = `the registry ${url} answers`
    await until(what, ready, { timeoutMs: 60_000, everyMs: 50 }).catch((cause) => {
      throw new Error(child.lastOutput(), { cause })
    })
  }
  await restart()
  return { url, process: child, ask, restart }
}

/** Sends one request. Null when the connection broke. */
export async function askRegistry(url: string, method: string, path: string, body?: unknown): Promise<Answer | null> {
  try {
    const answer = await fetch(url + path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  } catch {
    return null
  }
}
