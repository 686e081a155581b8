// Who takes part: this project and the JVM reference, both with the settings that their own start scripts give.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findKafkaLib } from '@millrace/testkit'
import type { Contestant } from './contestant.ts'

/** What the reference's own start script gives its JVM. */
export const JVM_OPTIONS = [
  '-Xms256M',
  '-Xmx2G',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
]

const WORKERS = [
  { name: 'millrace', restPort: 28083, command: () => [resolve('packages/cli/bin/millrace'), 'standalone'] },
  {
    name: 'jvm',
    restPort: 28084,
    command: (lib: string) => [
      'java',
      ...JVM_OPTIONS,
      '-cp',
      `${lib}/*`,
      'org.apache.kafka.connect.cli.ConnectStandalone',
    ],
  },
] as const

/** A contestant with its worker configuration. */
export interface Entrant extends Contestant {
  readonly configFile: string
  readonly restPort: number
}

/** The contestants. Their worker configurations differ in port, offset file, and in the JVM's `pluginPath` if it is given. */
export async function contestants(folder: string, bootstrap: string, pluginPath?: string): Promise<Entrant[]> {
  const lib = await findKafkaLib()
  return WORKERS.map(({ name, restPort, command }) => {
    const configFile = join(folder, `${name}.properties`)
    writeFileSync(
      configFile,
      [
        `bootstrap.servers=${bootstrap}`,
        'key.converter=org.apache.kafka.connect.storage.StringConverter',
        'value.converter=org.apache.kafka.connect.storage.StringConverter',
        `offset.storage.file.filename=${join(folder, `${name}.offsets`)}`,
        `listeners=http://127.0.0.1:${restPort}`,
        ...(name === 'jvm' && pluginPath !== undefined ? [`plugin.path=${pluginPath}`] : []),
        '',
      ].join('\n'),
    )
    return { name, restPort, command: command(lib), configFile }
  })
}
