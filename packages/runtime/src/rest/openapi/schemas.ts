// JSON Schemas (2020-12) of what the REST API takes and gives: the entities of the reference, field by field.

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>

/** Refers to one of {@link SCHEMAS}. */
export function ref(name: keyof typeof SCHEMAS): Schema {
  return { $ref: `#/components/schemas/${name}` }
}

/** A list of one kind. */
export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

const text: Schema = { type: 'string' }
const textOrNull: Schema = { type: ['string', 'null'] }
const texts = listOf(text)
const textsOrNull: Schema = { type: ['array', 'null'], items: text }
const integer: Schema = { type: 'integer' }
const here = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An object with exactly these keys required, but for those in `optional`. */
function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
  about?: string,
): Schema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key))
  return {
    type: 'object',
    ...(about !== undefined && { description: about }),
    properties,
    ...(required.length > 0 && { required }),
  }
}

const ANY_MAP: Schema = { type: 'object', additionalProperties: true }
const STATE: Schema = { enum: ['UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'RESTARTING'] }
const CONNECTOR_TYPE: Schema = { enum: ['source', 'sink', 'unknown'] }
const instance = {
  state: STATE,
  worker_id: { type: 'string', description: 'host:port under which the worker is advertised' },
  trace: { type: 'string', description: 'why it failed; not there when there is nothing to say' },
  version: { type: ['string', 'null'], description: 'of the plugin, where it is known' },
  auto_restart: here('AutoRestart'),
}
const restarted = { attempts: integer, max_attempts: integer, next: { type: 'string', description: 'when, ISO 8601' } }
const failure = object({ at: { type: 'string', description: 'when, ISO 8601' }, error: text })

const progress = {
  state: { type: 'string', enum: ['running', 'idle', 'behind', 'stalled'] },
  since: { type: 'string', description: 'when, ISO 8601' },
  reason: text,
}

/** All named schemas. */
export const SCHEMAS = {
  Error: object({ error_code: { type: 'integer', description: 'the HTTP status' }, message: textOrNull }),
  ServerInfo: object({
    version: { type: 'string', description: 'the Kafka Connect version whose API this is' },
    commit: text,
    kafka_cluster_id: { type: ['string', 'null'], description: 'null while no broker answers' },
  }),
  HealthReport: object({
    status: { enum: ['alive', 'dead', 'ready', 'unready'] },
    problems: listOf(object({ what: text, reason: text })),
  }),
  Health: object({ status: { enum: ['healthy', 'unhealthy', 'starting'] }, message: text }),
  Config: {
    type: 'object',
    description: 'A configuration. All values are texts; numbers and booleans are taken as their text.',
    additionalProperties: textOrNull,
  },
  ConfigInput: {
    type: 'object',
    description:
      'A configuration as it is taken: scalars, which become texts. Null counts as not there; in a patch it removes the key.',
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  },
  TaskId: object({ connector: text, task: integer }),
  ConnectorInfo: object({ name: text, config: here('Config'), tasks: listOf(here('TaskId')), type: CONNECTOR_TYPE }),
  AutoRestart: object({ ...restarted, history: listOf(failure) }, ['next']),
  ConnectorState: object(instance, ['trace', 'version', 'auto_restart']),
  TaskProgress: object(progress, ['reason']),
  TaskState: object({ id: integer, ...instance, progress: here('TaskProgress') }, [
    'trace',
    'version',
    'auto_restart',
    'progress',
  ]),
  ConnectorStateInfo: object({
    name: text,
    connector: here('ConnectorState'),
    tasks: listOf(here('TaskState')),
    type: CONNECTOR_TYPE,
  }),
  Connectors: {
    description: 'Names; with `expand`, an object by name.',
    oneOf: [
      texts,
      {
        type: 'object',
        additionalProperties: object({ status: here('ConnectorStateInfo'), info: here('ConnectorInfo') }, [
          'status',
          'info',
        ]),
      },
    ],
  },
  CreateConnector: object(
    {
      name: text,
      config: here('ConfigInput'),
      initial_state: { type: ['string', 'null'], description: 'RUNNING, PAUSED or STOPPED, in any case' },
    },
    ['initial_state'],
  ),
  TaskInfo: object({ id: here('TaskId'), config: here('Config') }),
  ActiveTopics: {
    type: 'object',
    description: 'By the name of the connector.',
    additionalProperties: object({ topics: texts }),
  },
  OffsetEntry: object(
    {
      partition: {
        type: ['object', 'null'],
        description: "The source's own form; of a sink `kafka_topic` and `kafka_partition`.",
        additionalProperties: true,
      },
      offset: {
        type: ['object', 'null'],
        description: "The source's own form; of a sink `kafka_offset`. Null takes the offset away.",
        additionalProperties: true,
      },
    },
    ['offset'],
  ),
  ConnectorOffsets: object({ offsets: listOf(here('OffsetEntry')) }),
  Message: object({ message: text }),
  PluginInfo: object(
    {
      class: text,
      type: { enum: ['source', 'sink', 'converter', 'header_converter', 'transformation', 'predicate'] },
      version: text,
    },
    ['version'],
  ),
  ConfigKeyInfo: object({
    name: text,
    type: { enum: ['BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'] },
    required: { type: 'boolean' },
    default_value: textOrNull,
    importance: { enum: ['HIGH', 'MEDIUM', 'LOW'] },
    documentation: textOrNull,
    group: textOrNull,
    width: { enum: ['NONE', 'SHORT', 'MEDIUM', 'LONG'] },
    display_name: textOrNull,
    dependents: texts,
    order_in_group: integer,
  }),
  ConfigValueInfo: object({
    name: text,
    value: textOrNull,
    recommended_values: textsOrNull,
    errors: texts,
    visible: { type: 'boolean' },
  }),
  ConfigInfos: object({
    name: text,
    error_count: integer,
    groups: texts,
    configs: listOf(
      object({ definition: { anyOf: [here('ConfigKeyInfo'), { type: 'null' }] }, value: here('ConfigValueInfo') }),
    ),
  }),
  LoggerLevel: object({
    level: textOrNull,
    last_modified: { type: ['integer', 'null'], description: 'ms since 1970; null when it was never changed here' },
  }),
  LoggerLevels: { type: 'object', additionalProperties: here('LoggerLevel') },
  SetLevel: object({
    level: { type: 'string', description: 'OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL, in any case' },
  }),
  PluginRescan: object({
    added: { type: 'array', items: here('PluginInfo') },
    warnings: { type: 'array', items: { type: 'string' } },
  }),
  OpenApi: ANY_MAP,
} as const satisfies Readonly<Record<string, Schema>>
