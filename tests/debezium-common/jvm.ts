// What Debezium on the JVM makes of a database: a worker of its own, and what it wrote, read with kcat.
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { type ConnectJvm, startConnectJvm } from '@millrace/testkit'
import type { Line } from './lines.ts'

const PATIENCE_MS = 180_000
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** A connector that is to run on the JVM. */
export interface ReferenceOptions {
  readonly bootstrap: string
  /** Folder of plugins with Debezium's. */
  readonly plugins: string
  readonly config: Readonly<Record<string, string>>
}

/** A connector that runs on the JVM. */
export interface Reference extends AsyncDisposable {
  readonly worker: ConnectJvm
  /** All records of the topics whose names begin so, in the order of topics. */
  lines(...beginnings: string[]): Line[]
  /** Waits for a fact. @throws Error with the trace of a task that failed, or the end of the log */
  until(what: string, fact: () => boolean | Promise<boolean>): Promise<void>
}

/** Starts it. Its log is copied to the file in KEEP_LOG, if that is set. */
export async function startReference({ bootstrap, plugins, config }: ReferenceOptions): Promise<Reference> {
  const worker = await startConnectJvm({
    bootstrap,
    mode: 'standalone',
    heapMb: 700,
    properties: { 'plugin.path': plugins, 'plugin.discovery': 'only_scan', 'offset.flush.interval.ms': '500' },
  })
  await putConnector(worker.url, 'reference', config)
  const topics = (beginnings: readonly string[]) =>
    [
      ...execFileSync('kcat', ['-b', bootstrap, '-L'])
        .toString()
        .matchAll(/topic "([^"]*)"/g),
    ]
      .map((one) => one[1] as string)
      .filter((name) => beginnings.some((one) => name.startsWith(one)))
      .sort()
  return {
    worker,
    lines: (...beginnings) => topics(beginnings).flatMap((topic) => readTopic(bootstrap, topic)),
    async until(what, fact) {
      const deadline = Date.now() + PATIENCE_MS
      while (!(await fact())) {
        const status = await (await fetch(`${worker.url}/connectors/reference/status`)).json()
        const failed = (status as { tasks?: { trace?: string }[] }).tasks?.[0]?.trace
        if (failed !== undefined || Date.now() > deadline)
          throw new Error(`${what}: ${failed ?? worker.log().slice(-6_000)}`)
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    },
    async [Symbol.asyncDispose]() {
      if (process.env.KEEP_LOG !== undefined) copyFileSync(worker.logFile, process.env.KEEP_LOG)
      await worker.stop()
    },
  }
}

/** Makes a connector on a worker of whatever make, with JSON converters. */
export async function putConnector(url: string, name: string, config: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(`${url}/connectors/${name}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ 'key.converter': JSON_CONVERTER, 'value.converter': JSON_CONVERTER, ...config }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Everything in a topic. */
export function readTopic(bootstrap: string, topic: string): Line[] {
  const out = execFileSync('kcat', ['-b', bootstrap, '-C', '-q', '-e', '-J', '-t', topic, '-o', 'beginning'], {
    maxBuffer: 1 << 28,
  })
  const json = (text: string | null) => (text === null || text === '' ? null : JSON.parse(text))
  return out
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { headers, key, payload } = JSON.parse(line)
      return { topic, key: json(key), value: json(payload), headers: headers ?? [] }
    })
}
