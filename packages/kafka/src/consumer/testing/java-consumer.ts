// The Java console consumer as another member of a group: started, watched, ended.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findKafkaLib, ServiceProcess, temporaryFolder, until } from '@millrace/testkit'

/** A running console consumer; what it consumed is one line a record. */
export interface JavaConsumer extends AsyncDisposable {
  lines(): readonly string[]
  /** Orderly end: it leaves the group. */
  stop(): Promise<void>
  /** SIGKILL: the group notices at the session timeout. */
  kill(): Promise<void>
}

/** Starts one; it prints the partition before each value. */
export async function startJavaConsumer(
  bootstrap: string,
  topic: string,
  group: string,
  properties: Readonly<Record<string, string>>,
): Promise<JavaConsumer> {
  const lib = await findKafkaLib()
  const folder = await temporaryFolder()
  const logFile = join(folder.path, 'output')
  const settings = Object.entries(properties).flatMap(([key, value]) => ['--command-property', `${key}=${value}`])
  const child = new ServiceProcess({
    command: [
      'java',
      '-Xmx128M',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${lib}/*`,
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      '--bootstrap-server',
      bootstrap,
      '--topic',
      topic,
      '--group',
      group,
      '--from-beginning',
      '--formatter-property',
      'print.partition=true',
      ...settings,
    ],
    logFile,
  })
  child.start()
  const end = async (signal: NodeJS.Signals) => {
    if (!child.isRunning) return
    child.signal(signal)
    await until('the Java consumer ended', () => !child.isRunning)
  }
  return {
    lines: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('Partition:')),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await folder[Symbol.asyncDispose]()
    },
  }
}
