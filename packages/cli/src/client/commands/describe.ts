// millrace describe: all there is to know of a connector, or the settings of a plugin.
import type { Config, ConnectApi, ConnectorStatus, KeyDefinition, OffsetEntry } from '../connect-api.ts'
import { namesOf } from '../names.ts'
import { secretKeysOf } from '../secrets.ts'
import { openSession } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'

export interface DescribeOptions extends ConnectionOptions {
  readonly plugin?: boolean
}

/** Everything of a connector, secrets hidden. */
export interface Description {
  readonly name: string
  readonly type: string
  readonly config: Config
  readonly status: ConnectorStatus | null
  readonly topics: readonly string[] | null
  readonly offsets: readonly OffsetEntry[] | null
}

/** Describes connectors, or plugins. */
export async function describe(args: readonly string[], options: DescribeOptions): Promise<void> {
  const { api, out } = openSession(options)
  if (options.plugin === true) {
    for (const name of args) {
      const keys = await api.pluginConfig(name)
      out.data({ plugin: name, config: keys })
      out.line(pluginText(name, keys))
    }
    return
  }
  const found: Description[] = []
  for (const name of await namesOf(api, args)) found.push(await descriptionOf(api, name))
  out.data(found)
  out.line(found.map(descriptionText).join('\n\n'))
}

async function descriptionOf(api: ConnectApi, name: string): Promise<Description> {
  const info = await api.info(name)
  // What a worker may be told not to serve, or cannot for the moment, is left out.
  const [status, topics, offsets, secrets] = await Promise.all([
    api.findStatus(name),
    api.topics(name).catch(() => null),
    api.offsets(name).catch(() => null),
    secretKeysOf(api, info.config['connector.class']),
  ])
  const hide = <T extends { readonly trace?: string }>(one: T): T =>
    one.trace === undefined ? one : { ...one, trace: secrets.maskText(one.trace, info.config) }
  return {
    name,
    type: info.type,
    config: secrets.masked(info.config),
    status:
      status === undefined ? null : { ...status, connector: hide(status.connector), tasks: status.tasks.map(hide) },
    topics,
    offsets,
  }
}

function descriptionText({ name, type, config, status, topics, offsets }: Description): string {
  const lines = [`Name:    ${name}`, `Type:    ${type}`]
  if (status === null) lines.push('State:   none yet')
  else {
    lines.push(
      `State:   ${status.connector.state} on ${status.connector.worker_id}`,
      ...indented(status.connector.trace),
    )
    lines.push(status.tasks.length === 0 ? 'Tasks:   none' : 'Tasks:')
    for (const task of status.tasks) {
      lines.push(`  ${task.id}  ${task.state} on ${task.worker_id}`, ...indented(task.trace))
    }
  }
  lines.push('Config:')
  for (const key of Object.keys(config).sort()) lines.push(`  ${key}=${config[key] ?? 'null'}`)
  lines.push(topics === null ? 'Topics:  not tracked' : `Topics:  ${topics.join(', ') || 'none yet'}`)
  lines.push(offsets === null ? 'Offsets: not known' : offsets.length === 0 ? 'Offsets: none yet' : 'Offsets:')
  for (const one of offsets ?? []) lines.push(`  ${JSON.stringify(one.partition)}  ${JSON.stringify(one.offset)}`)
  return lines.join('\n')
}

function indented(trace: string | undefined): string[] {
  return trace === undefined
    ? []
    : trace
        .trimEnd()
        .split('\n')
        .map((line) => `      ${line}`)
}

function pluginText(name: string, keys: readonly KeyDefinition[]): string {
  const lines = keys.map((key) => {
    const value = key.required ? 'required' : `default ${key.default_value ?? 'none'}`
    return `  ${key.name}  (${key.type}, ${key.importance}, ${value})\n      ${key.documentation.trim()}`
  })
  return [`Plugin: ${name}`, ...lines].join('\n')
}
