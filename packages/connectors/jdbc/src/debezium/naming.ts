// Names of tables and columns, and which fields are written.
import type { DebeziumSinkConfig } from './config.ts'
import { PLACEHOLDERS } from './config.ts'

const SOURCE = /\$\{source\.(.*?)\}/g

/** Names the table of a record; null where its format asks for a source that the record has not. */
export type TableNaming = (topic: string, source: Readonly<Record<string, unknown>> | null) => string | null

/** The naming of a configuration. */
export function tableNaming(config: DebeziumSinkConfig): TableNaming {
  const format = config['collection.name.format']
  const around = config['collection.table.format']
  const passes = config['collection.naming.strategy'].includes('Passthrough')
  return (topic, source) => {
    const name = format.replaceAll(PLACEHOLDERS.topic, passes ? topic : topic.replaceAll('.', '_'))
    if (name.includes('${source.') && source === null) return null
    return around.replaceAll(
      PLACEHOLDERS.table,
      name.replace(SOURCE, (_all, field: string) => String(source?.[field] ?? '')),
    )
  }
}

/** True where names depend on more than the topic. */
export function namesBySource(config: DebeziumSinkConfig): boolean {
  return config['collection.name.format'].includes('${source.')
}

/** Whether a field is written. */
export type FieldFilter = (topic: string, field: string) => boolean

/** The filter of the include list, or of the exclude list, which counts where both are given. */
export function fieldFilter(config: DebeziumSinkConfig): FieldFilter {
  const excluded = new Set(config['field.exclude.list'])
  if (excluded.size > 0) return (topic, field) => !excluded.has(field) && !excluded.has(`${topic}:${field}`)
  const included = new Set(config['field.include.list'])
  if (included.size > 0) return (topic, field) => included.has(field) || included.has(`${topic}:${field}`)
  return () => true
}
