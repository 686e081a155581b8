// topic.naming.strategy: the names of topics, and from them of schemas.
import { ConfigException, type ConnectorProps, compileJavaRegex } from '@millrace/api'
import type { TableId } from '../model/table-id.ts'
import { unicodeEscape } from './adjust.ts'

/** Names of the topics of a connector. */
export interface TopicNaming {
  /** Topic of a table's changes. */
  dataChangeTopic(table: TableId): string
  /** What the names of a table's key and value schema begin with. */
  recordSchemaPrefix(table: TableId): string
  readonly schemaChangeTopic: string
  readonly heartbeatTopic: string
  readonly transactionTopic: string
  /** A field that the key gets beside its columns, where tables share a topic. */
  keyAugment(table: TableId): { readonly field: string; readonly value: string } | undefined
}

/** Which parts of a table's name stand in a topic: `database` without the schema, `schema` without the catalog, or all. */
export type TopicParts = 'database' | 'schema' | 'all'

const MOST_CHARS = 249
const VALID = /[._\-A-Za-z0-9]/
/** The underscore is the escape character of the unicode strategies. */
const VALID_UNICODE = /[.\-A-Za-z0-9]/

type Kind = 'plain' | 'unicode' | 'regex'
const STRATEGIES: Readonly<Record<string, readonly [TopicParts, Kind]>> = {
  SchemaTopicNamingStrategy: ['schema', 'plain'],
  SchemaUnicodeTopicNamingStrategy: ['schema', 'unicode'],
  SchemaRegexTopicNamingStrategy: ['schema', 'regex'],
  DefaultTopicNamingStrategy: ['database', 'plain'],
  DefaultUnicodeTopicNamingStrategy: ['database', 'unicode'],
  DefaultRegexTopicNamingStrategy: ['database', 'regex'],
}

/** Class names that `topic.naming.strategy` may have. */
export const TOPIC_NAMING_STRATEGIES: readonly string[] = Object.keys(STRATEGIES).map(
  (name) => `io.debezium.schema.${name}`,
)

/**
 * The strategy that a configuration names.
 * @param multiPartition whether one connector captures several databases (SQL Server): the catalog stands in the name, too
 * @throws ConfigException for a class that is not known, a missing or a bad regular expression
 */
export function topicNaming(className: string, props: ConnectorProps, multiPartition = false): TopicNaming {
  const strategy = STRATEGIES[className.replace(/^io\.debezium\.schema\./, '')]
  if (strategy === undefined) {
    throw new ConfigException(
      `Unknown topic.naming.strategy ${className}; known are ${TOPIC_NAMING_STRATEGIES.join(', ')}`,
      { configKey: 'topic.naming.strategy' },
    )
  }
  const [parts, kind] = strategy
  const prefix = props['topic.prefix'] ?? ''
  const delimiter = props['topic.delimiter'] ?? '.'
  const origin = (id: TableId) => {
    const names = [prefix, ...partsOf(id, multiPartition && parts === 'schema' ? 'all' : parts)]
    return names.filter((name) => name.trim() !== '').join(delimiter)
  }
  const clean = (topic: string) => sanitizeTopic(topic, kind === 'unicode')
  const common = {
    schemaChangeTopic: prefix,
    heartbeatTopic:
      props['topic.heartbeat.name'] ||
      [props['topic.heartbeat.prefix'] ?? props['heartbeat.topics.prefix'] ?? '__debezium-heartbeat', prefix].join(
        delimiter,
      ),
    transactionTopic: [prefix, props['topic.transaction'] ?? 'transaction'].join(delimiter),
  }
  if (kind === 'regex') return { ...common, ...byRegex(props, origin) }
  const dataChangeTopic = (id: TableId) => clean(origin(id))
  return { ...common, dataChangeTopic, recordSchemaPrefix: dataChangeTopic, keyAugment: () => undefined }
}

type ByTable = Pick<TopicNaming, 'dataChangeTopic' | 'recordSchemaPrefix' | 'keyAugment'>

function byRegex(props: ConnectorProps, origin: (id: TableId) => string): ByTable {
  const from = regexOf(props, 'topic.regex')
  const to = props['topic.replacement']?.trim()
  if (from === undefined) throw missing('topic.regex')
  if (to === undefined || to === '') throw missing('topic.replacement')
  const field = props['topic.key.field.name'] ?? '__dbz__physicalTableIdentifier'
  const enforced = (props['topic.key.enforce.uniqueness'] ?? 'true').toLowerCase() === 'true'
  const keyFrom = regexOf(props, 'topic.key.field.regex')
  const keyTo = props['topic.key.field.replacement'] ?? ''
  if (keyFrom !== undefined && keyTo.trim() === '') throw missing('topic.key.field.replacement')
  const dataChangeTopic = (id: TableId) => {
    const topic = sanitizeTopic(origin(id), false)
    return topic.replace(from, javaReplacement(to)) || topic
  }
  return {
    dataChangeTopic,
    recordSchemaPrefix: dataChangeTopic,
    keyAugment: (id) => {
      if (!enforced) return undefined
      const topic = origin(id)
      return { field, value: keyFrom === undefined ? topic : topic.replace(keyFrom, javaReplacement(keyTo)) }
    },
  }
}

/** `$1`, `${name}` and backslashes of a Java replacement, for String.replace. */
function javaReplacement(text: string): string {
  return text.replace(/\\(.)|\$\{(\w+)\}/g, (_, escaped: string | undefined, name: string | undefined) =>
    name !== undefined ? `$<${name}>` : escaped === '$' ? '$$' : (escaped as string),
  )
}

function regexOf(props: ConnectorProps, key: string): RegExp | undefined {
  const text = props[key]?.trim()
  if (text === undefined || text === '') return undefined
  const regex = compileJavaRegex(text)
  if (typeof regex === 'string') throw ConfigException.invalidValue(key, text, regex)
  return regex
}

function missing(key: string): ConfigException {
  return new ConfigException(`Missing required configuration "${key}": the topic naming strategy needs it.`, {
    configKey: key,
  })
}

/** The parts of a name that stand in topics. */
export function partsOf(id: TableId, parts: TopicParts): string[] {
  const { catalog, schema, table } = id
  const named =
    parts === 'database' ? [catalog, table] : parts === 'schema' ? [schema, table] : [catalog, schema, table]
  return named.filter((part): part is string => part !== null && part !== '')
}

/** A topic name that Kafka accepts: other characters replaced, 249 characters at most. */
export function sanitizeTopic(name: string, unicode: boolean): string {
  const valid = unicode ? VALID_UNICODE : VALID
  const replace = unicode ? unicodeEscape : () => '_'
  let out = ''
  for (const char of name.split('')) out += valid.test(char) ? char : replace(char)
  if (out.length > MOST_CHARS) return out.slice(0, MOST_CHARS)
  return out === '.' || out === '..' ? replace('.').repeat(out.length) : out
}
