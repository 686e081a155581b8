// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs for topics and the broker.
import {
  AlterConfigs,
  DescribeConfigs,
  ErrorCode,
  IncrementalAlterConfigs,
  type ReceivedRequest,
} from '@millrace/kafka/protocol'
import {
  BROKER_CONFIG,
  type BrokerConfig,
  brokerConfigDef,
  brokerConfigNames,
  checkBrokerValue,
} from '../../config/broker-config.ts'
import { CONFIG_TYPES, type ConfigEntryDef } from '../../config/config-entry.ts'
import { checkTopicConfig, isTopicConfigKey, TOPIC_CONFIG } from '../../config/topic-config.ts'
import { BrokerError } from '../../errors.ts'
import type { Topic } from '../../topics/topic-registry.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import type { Services } from '../services.ts'

const TOPIC = 2
const BROKER = 4
const GROUP = 32

const SOURCE_TOPIC = 1
const SOURCE_DYNAMIC_BROKER = 2
const SOURCE_STATIC_BROKER = 4
const SOURCE_DEFAULT = 5

const OP_SET = 0
const OP_DELETE = 1
const OP_APPEND = 2
const OP_SUBTRACT = 3

/** A key with its value and where it came from. */
interface Entry {
  readonly name: string
  readonly value: string
  readonly readOnly: boolean
  readonly isDefault: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: readonly { readonly name: string; readonly value: string; readonly source: number }[]
  readonly configType: number
  readonly documentation: string | null
}

function entry(name: string, def: ConfigEntryDef, synonyms: Entry['synonyms'], readOnly: boolean): Entry {
  const [first] = synonyms
  const configSource = first?.source ?? SOURCE_DEFAULT
  return {
    name,
    value: first?.value ?? def.default,
    readOnly,
    isDefault: configSource === SOURCE_DEFAULT,
    configSource,
    isSensitive: false,
    synonyms,
    configType: CONFIG_TYPES[def.type],
    documentation: null,
  }
}

function brokerSynonyms(name: string, def: ConfigEntryDef, broker: BrokerConfig): Entry['synonyms'] {
  const own = broker.set(name)
  const source = broker.dynamic[name] !== undefined ? SOURCE_DYNAMIC_BROKER : SOURCE_STATIC_BROKER
  return [
    ...(own === undefined ? [] : [{ name, value: own, source }]),
    { name, value: def.default, source: SOURCE_DEFAULT },
  ]
}

/** Every key of a topic on which `set` was set. */
export function topicConfigEntries(set: Readonly<Record<string, string>>, broker: BrokerConfig): Entry[] {
  return Object.entries(TOPIC_CONFIG).map(([name, def]: [string, ConfigEntryDef]) => {
    const own = set[name]
    const inherited =
      def.broker === undefined
        ? [{ name, value: def.default, source: SOURCE_DEFAULT }]
        : brokerSynonyms(def.broker, def, broker)
    const synonyms = own === undefined ? inherited : [{ name, value: own, source: SOURCE_TOPIC }, ...inherited]
    return entry(name, def, synonyms, false)
  })
}

function brokerEntries(broker: BrokerConfig): Entry[] {
  return brokerConfigNames().map((name) => {
    const def = brokerConfigDef(name)!
    return entry(name, def, brokerSynonyms(name, def, broker), Object.hasOwn(BROKER_CONFIG, name))
  })
}

/** @throws BrokerError for a resource that is not there */
function topicOf(services: Services, name: string): Topic {
  const topic = services.topics.get(name)
  if (topic !== undefined) return topic
  throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
}

function checkBrokerName(services: Services, name: string): void {
  if (name === '' || name === String(services.node.id)) return
  throw new BrokerError(
    ErrorCode.INVALID_REQUEST,
    `Unexpected broker id, expected ${services.node.id} or empty string, but received ${name}`,
  )
}

function entriesOf(type: number, name: string, services: Services): Entry[] {
  switch (type) {
    case TOPIC:
      return topicConfigEntries(topicOf(services, name).config, services.config)
    case BROKER:
      checkBrokerName(services, name)
      return brokerEntries(services.config)
    case GROUP:
      return []
    default:
      throw new BrokerError(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${type}`)
  }
}

function describeConfigs(request: ReceivedRequest<typeof DescribeConfigs>, { services }: RequestContext) {
  return {
    throttleTimeMs: 0,
    results: request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
      try {
        const wanted = configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys)
        const configs = entriesOf(resourceType, resourceName, services)
          .filter((e) => wanted === null || wanted.has(e.name))
          .map((e) => (request.includeSynonyms ? e : { ...e, synonyms: [] }))
        return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName, configs }
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error
        return { errorCode: error.code, errorMessage: error.message, resourceType, resourceName, configs: [] }
      }
    }),
  }
}

interface Change {
  readonly name: string
  readonly operation: number
  readonly value: string | null
}

function defOf(type: number, name: string): ConfigEntryDef | undefined {
  if (type === BROKER) return brokerConfigDef(name)
  return isTopicConfigKey(name) ? TOPIC_CONFIG[name] : undefined
}

/** Applies changes to what is set; the result is checked by the caller. @throws BrokerError */
function applied(
  type: number,
  set: Readonly<Record<string, string>>,
  base: (name: string) => string,
  changes: readonly Change[],
) {
  const result: Record<string, string> = { ...set }
  for (const { name, operation, value } of changes) {
    const def = defOf(type, name)
    const isList = def?.type === 'list'
    if (operation === OP_DELETE) {
      delete result[name]
      continue
    }
    if (value === null) throw new BrokerError(ErrorCode.INVALID_REQUEST, `Null value not supported for: ${name}`)
    if (operation === OP_SET) {
      result[name] = value
      continue
    }
    if (operation !== OP_APPEND && operation !== OP_SUBTRACT) {
      throw new BrokerError(ErrorCode.INVALID_REQUEST, `Unknown config operation ${operation} for ${name}`)
    }
    if (!isList) {
      throw new BrokerError(ErrorCode.INVALID_CONFIG, `Config value append/subtract is not allowed for config: ${name}`)
    }
    const items = (result[name] ?? base(name)).split(',').filter((s) => s !== '')
    const given = value.split(',')
    const next =
      operation === OP_APPEND ? [...new Set([...items, ...given])] : items.filter((item) => !given.includes(item))
    result[name] = next.join(',')
  }
  return result
}

function alter(
  type: number,
  name: string,
  changes: readonly Change[],
  replace: boolean,
  validateOnly: boolean,
  services: Services,
): void {
  const names = changes.map((c) => c.name)
  if (new Set(names).size !== names.length) {
    throw new BrokerError(ErrorCode.INVALID_REQUEST, 'Error due to duplicate config keys')
  }
  if (type === TOPIC) {
    const topic = topicOf(services, name)
    const base = (key: string) => topicConfigEntries({}, services.config).find((e) => e.name === key)?.value ?? ''
    const next = applied(type, replace ? {} : topic.config, base, changes)
    checkTopicConfig(next)
    if (!validateOnly) services.topics.configure(name, next)
    return
  }
  if (type === BROKER) {
    checkBrokerName(services, name)
    for (const { name: key } of changes) {
      if (Object.hasOwn(BROKER_CONFIG, key)) {
        throw new BrokerError(ErrorCode.INVALID_REQUEST, `Cannot update these configs dynamically: ${key}`)
      }
    }
    const base = (key: string) => services.config.set(key) ?? brokerConfigDef(key)?.default ?? ''
    const next = applied(type, replace ? {} : services.config.dynamic, base, changes)
    for (const [key, value] of Object.entries(next)) checkBrokerValue(key, value)
    if (!validateOnly) services.topics.configureBroker(next)
    return
  }
  throw new BrokerError(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${type}`)
}

function answerAlter(
  resources: readonly { readonly type: number; readonly name: string; readonly changes: readonly Change[] }[],
  replace: boolean,
  validateOnly: boolean,
  services: Services,
) {
  return {
    throttleTimeMs: 0,
    responses: resources.map(({ type, name, changes }) => {
      const resource = { resourceType: type, resourceName: name }
      try {
        alter(type, name, changes, replace, validateOnly, services)
        return { errorCode: ErrorCode.NONE, errorMessage: null, ...resource }
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error
        return { errorCode: error.code, errorMessage: error.message, ...resource }
      }
    }),
  }
}

export const configRoutes: readonly Route[] = [
  route(DescribeConfigs, describeConfigs),
  route(AlterConfigs, (request, { services }) =>
    answerAlter(
      request.resources.map((r) => ({
        type: r.resourceType,
        name: r.resourceName,
        changes: r.configs.map((c) => ({ name: c.name, operation: OP_SET, value: c.value })),
      })),
      true,
      request.validateOnly,
      services,
    ),
  ),
  route(IncrementalAlterConfigs, (request, { services }) =>
    answerAlter(
      request.resources.map((r) => ({
        type: r.resourceType,
        name: r.resourceName,
        changes: r.configs.map((c) => ({ name: c.name, operation: c.configOperation, value: c.value })),
      })),
      false,
      request.validateOnly,
      services,
    ),
  ),
]
