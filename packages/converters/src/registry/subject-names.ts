// Under which subject a schema stands, and under which those it refers to.
import { ConfigException, type ConfigSpec, DataException } from '@millrace/api'
import type { ParsedSchema } from '@millrace/schemas'
import type { Maybe } from './maybe.ts'

const PACKAGE = 'io.confluent.kafka.serializers.subject.'
const NULL_CONTEXT = 'io.confluent.kafka.serializers.context.NullContextNameStrategy'

/** The strategies, by class name without package. */
export const SUBJECT_STRATEGIES = [
  'TopicNameStrategy',
  'RecordNameStrategy',
  'TopicRecordNameStrategy',
  'AssociatedNameStrategy',
] as const
export type SubjectStrategy = (typeof SUBJECT_STRATEGIES)[number]

const strategyKey = (which: 'key' | 'value') =>
  ({
    type: 'class',
    default: `${PACKAGE}TopicNameStrategy`,
    importance: 'medium',
    doc:
      `How the subject of a ${which}'s schema is named: one of ${SUBJECT_STRATEGIES.join(', ')} of the package ` +
      `${PACKAGE.slice(0, -1)}. By topic it is <topic>-${which}.`,
  }) as const

/** The keys about subjects. */
export const SUBJECT_KEYS = {
  'key.subject.name.strategy': strategyKey('key'),
  'value.subject.name.strategy': strategyKey('value'),
  'subject.name.strategy.kafka.cluster.id': {
    type: 'string',
    default: '-',
    importance: 'low',
    doc: 'With AssociatedNameStrategy: the Kafka cluster whose topics have their subjects associated.',
  },
  'subject.name.strategy.fallback.type': {
    type: 'string',
    default: 'TOPIC',
    importance: 'low',
    doc: 'With AssociatedNameStrategy: what names the subject of a topic without an association: TOPIC, RECORD, TOPIC_RECORD or NONE.',
  },
  'context.name.strategy': {
    type: 'class',
    default: NULL_CONTEXT,
    importance: 'medium',
    doc: `What names the registry's context of a topic: ${NULL_CONTEXT}, which names none. Other classes of the JVM cannot be loaded here.`,
  },
} as const satisfies ConfigSpec

/** The keys that {@link subjectNames} looks at. */
export interface SubjectConfig {
  readonly 'key.subject.name.strategy': string
  readonly 'value.subject.name.strategy': string
  readonly 'subject.name.strategy.kafka.cluster.id': string
  readonly 'subject.name.strategy.fallback.type': string
  readonly 'context.name.strategy': string
}

/** Asks the registry for the subjects that are associated with a topic; none when it knows no associations. */
export type Associations = (cluster: string, topic: string, type: 'key' | 'value') => Maybe<readonly string[]>

/** How subjects are named. */
export interface SubjectNames {
  /** True when the name depends on the schema, so that it is not known before the schema is. */
  readonly usesSchema: boolean
  /**
   * The subject of a topic's schema. A promise only when the registry is asked.
   * @throws DataException for a schema without the name that the strategy needs
   */
  of(topic: string, schema: ParsedSchema | null): Maybe<string | null>
}

/** The names of one converter's subjects. @throws ConfigException for a strategy that is not known here */
export function subjectNames(config: SubjectConfig, isKey: boolean, associations: Associations): SubjectNames {
  if (config['context.name.strategy'] !== NULL_CONTEXT) {
    throw ConfigException.invalidValue(
      'context.name.strategy',
      config['context.name.strategy'],
      `a JVM class cannot be loaded here; known is ${NULL_CONTEXT}`,
    )
  }
  const key = `${isKey ? 'key' : 'value'}.subject.name.strategy` as const
  const className = config[key]
  const name = SUBJECT_STRATEGIES.find((one) => one === className || PACKAGE + one === className)
  if (name === undefined) {
    const known = SUBJECT_STRATEGIES.map((one) => PACKAGE + one).join(', ')
    throw ConfigException.invalidValue(key, className, `a JVM class cannot be loaded here; known are ${known}`)
  }
  return name === 'AssociatedNameStrategy'
    ? associatedNames(config, isKey, associations)
    : plainNames(name, isKey, key, className)
}

function plainNames(name: SubjectStrategy, isKey: boolean, key: string, className: string): SubjectNames {
  const suffix = isKey ? '-key' : '-value'
  if (name === 'TopicNameStrategy') return { usesSchema: false, of: (topic) => topic + suffix }
  const recordName = (schema: ParsedSchema) => {
    if (schema.name !== null) return schema.name
    const part = isKey ? 'key' : 'value'
    throw new DataException(`In configuration ${key} = ${className}, the message ${part} must only be a record schema`)
  }
  if (name === 'RecordNameStrategy') {
    return { usesSchema: true, of: (_topic, schema) => (schema === null ? null : recordName(schema)) }
  }
  return { usesSchema: true, of: (topic, schema) => (schema === null ? null : `${topic}-${recordName(schema)}`) }
}

const FALLBACKS: Readonly<Record<string, SubjectStrategy | null>> = {
  TOPIC: 'TopicNameStrategy',
  RECORD: 'RecordNameStrategy',
  TOPIC_RECORD: 'TopicRecordNameStrategy',
  NONE: null,
}

function associatedNames(config: SubjectConfig, isKey: boolean, associations: Associations): SubjectNames {
  const fallbackKey = 'subject.name.strategy.fallback.type'
  const fallbackName = FALLBACKS[config[fallbackKey].toUpperCase()]
  if (fallbackName === undefined) {
    const known = Object.keys(FALLBACKS).join(', ')
    throw ConfigException.invalidValue(fallbackKey, config[fallbackKey], `Expected one of ${known}`)
  }
  const fallback = fallbackName === null ? null : plainNames(fallbackName, isKey, fallbackKey, config[fallbackKey])
  const known = new Map<string, string | null>()
  const choose = (topic: string, schema: ParsedSchema | null): Maybe<string | null> => {
    const associated = known.get(topic) ?? null
    if (associated !== null) return associated
    if (fallback !== null) return fallback.of(topic, schema)
    throw new DataException(`No associated subject found for topic ${topic}`)
  }
  return {
    usesSchema: fallback?.usesSchema ?? false,
    of(topic, schema) {
      if (known.has(topic)) return choose(topic, schema)
      const type = isKey ? 'key' : 'value'
      return Promise.resolve(associations(config['subject.name.strategy.kafka.cluster.id'], topic, type)).then(
        (subjects) => {
          if (subjects.length > 1) throw new DataException(`Multiple associated subjects found for topic ${topic}`)
          known.set(topic, subjects[0] ?? null)
          return choose(topic, schema)
        },
      )
    },
  }
}

/** How the subjects of referred schemas are named, by class name. */
const REFERENCE_STRATEGIES: Readonly<Record<string, (name: string) => string>> = {
  DefaultReferenceSubjectNameStrategy: (name) => name,
  QualifiedReferenceSubjectNameStrategy: (name) => name.replaceAll('.proto', '').replaceAll('/', '.'),
}

/** The key about subjects of references, for the converters that register references. */
export const REFERENCE_SUBJECT_KEY = {
  'reference.subject.name.strategy': {
    type: 'class',
    default: `${PACKAGE}DefaultReferenceSubjectNameStrategy`,
    importance: 'medium',
    doc:
      'How the subject of a schema that another one refers to is named: by DefaultReferenceSubjectNameStrategy as the ' +
      `reference, or by QualifiedReferenceSubjectNameStrategy with dots for slashes and without .proto; both of ${PACKAGE.slice(0, -1)}.`,
  },
} as const satisfies ConfigSpec

/** The name of a reference's subject by strategy. @throws ConfigException for a strategy that is not known here */
export function referenceSubjectName(className: string): (referenceName: string) => string {
  const strategy = REFERENCE_STRATEGIES[className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className]
  if (strategy !== undefined) return strategy
  const known = Object.keys(REFERENCE_STRATEGIES)
    .map((one) => PACKAGE + one)
    .join(', ')
  throw ConfigException.invalidValue(
    'reference.subject.name.strategy',
    className,
    `a JVM class cannot be loaded here; known are ${known}`,
  )
}
