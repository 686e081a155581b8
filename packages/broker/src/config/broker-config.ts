// The broker's own configuration: Kafka's keys that have a meaning here, their defaults, and what may change while it runs.
// Defaults are Kafka's, but for a broker that is alone and starts in milliseconds: internal topics have one partition, groups do
// not wait before their first rebalance, housekeeping comes round more often.

import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'
import { type ConfigEntryDef, parseConfigValue } from './config-entry.ts'
import { TOPIC_CONFIG } from './topic-config.ts'

/** The broker's keys that are not defaults of topic keys. */
export const BROKER_CONFIG = {
  'auto.create.topics.enable': { type: 'boolean', default: 'true' },
  'broker.id': { type: 'int', default: '1' },
  'connections.max.idle.ms': { type: 'long', default: '600000' },
  'default.replication.factor': { type: 'int', default: '1', min: 1, max: 1 },
  'delete.topic.enable': { type: 'boolean', default: 'true' },
  'fetch.max.bytes': { type: 'int', default: '57671680', min: 1024 },
  'group.initial.rebalance.delay.ms': { type: 'int', default: '0', min: 0 },
  'group.max.session.timeout.ms': { type: 'int', default: '1800000' },
  'group.max.size': { type: 'int', default: '2147483647', min: 1 },
  'group.min.session.timeout.ms': { type: 'int', default: '6000' },
  'log.cleaner.backoff.ms': { type: 'long', default: '5000', min: 1 },
  'log.cleaner.enable': { type: 'boolean', default: 'true' },
  'log.retention.check.interval.ms': { type: 'long', default: '30000', min: 1 },
  'max.incremental.fetch.session.cache.slots': { type: 'int', default: '1000', min: 0 },
  'num.partitions': { type: 'int', default: '1', min: 1 },
  'offset.metadata.max.bytes': { type: 'int', default: '4096' },
  'offsets.retention.check.interval.ms': { type: 'long', default: '600000', min: 1 },
  'offsets.retention.minutes': { type: 'int', default: '10080', min: 1 },
  'offsets.topic.num.partitions': { type: 'int', default: '1', min: 1 },
  'offsets.topic.segment.bytes': { type: 'int', default: '104857600', min: 1 },
  'producer.id.expiration.ms': { type: 'int', default: '86400000', min: 1 },
  'socket.request.max.bytes': { type: 'int', default: '104857600', min: 1 },
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': { type: 'int', default: '1000', min: 1 },
  'transaction.max.timeout.ms': { type: 'int', default: '900000', min: 1 },
  'transaction.state.log.num.partitions': { type: 'int', default: '1', min: 1 },
  'transaction.state.log.segment.bytes': { type: 'int', default: '104857600', min: 1 },
  'transactional.id.expiration.ms': { type: 'int', default: '604800000', min: 1 },
} as const satisfies Record<string, ConfigEntryDef>

export type BrokerConfigKey = keyof typeof BROKER_CONFIG

/** Keys whose value is the default of a topic key (`log.retention.ms`, ...), with the definition they share. */
const TOPIC_DEFAULTS: ReadonlyMap<string, ConfigEntryDef> = new Map(
  Object.values(TOPIC_CONFIG).flatMap((def: ConfigEntryDef) => (def.broker === undefined ? [] : [[def.broker, def]])),
)

/** Other spellings of the same time; the finest unit that is set wins. */
const COARSER: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  'log.retention.ms': [
    ['log.retention.minutes', 60_000],
    ['log.retention.hours', 3_600_000],
  ],
  'log.roll.ms': [['log.roll.hours', 3_600_000]],
}

/** Definition of a broker key, its own or the default of a topic key. */
export function brokerConfigDef(name: string): ConfigEntryDef | undefined {
  if (Object.hasOwn(BROKER_CONFIG, name)) return BROKER_CONFIG[name as BrokerConfigKey]
  return TOPIC_DEFAULTS.get(name)
}

/** Every broker key in alphabetical order. */
export function brokerConfigNames(): string[] {
  return [...Object.keys(BROKER_CONFIG), ...TOPIC_DEFAULTS.keys()].sort()
}

/** The broker's configuration: what it was started with, over which lies what was altered while it runs. */
export class BrokerConfig {
  readonly #given: Readonly<Record<string, string>>
  #dynamic: Record<string, string> = {}

  /**
   * @throws BrokerError INVALID_CONFIG when a known key has a value that cannot be
   */
  constructor(given: Readonly<Record<string, string | number | boolean>>) {
    const texts: Record<string, string> = {}
    for (const [name, value] of Object.entries(given)) texts[name] = String(value)
    for (const [name, units] of Object.entries(COARSER)) {
      for (const [coarse, factor] of units) {
        const text = texts[coarse]
        if (texts[name] === undefined && text !== undefined) {
          texts[name] = Number(text) < 0 ? '-1' : String(Number(text) * factor)
        }
      }
    }
    for (const [name, value] of Object.entries(texts)) checkBrokerValue(name, value)
    this.#given = Object.freeze(texts)
  }

  /** What was altered while running. */
  get dynamic(): Readonly<Record<string, string>> {
    return this.#dynamic
  }

  /** Replaces what was altered while running. */
  setDynamic(values: Readonly<Record<string, string>>): void {
    this.#dynamic = { ...values }
  }

  /** The value somebody set, undefined when the default counts. */
  set(name: string): string | undefined {
    return this.#dynamic[name] ?? this.#given[name]
  }

  isGiven(name: string): boolean {
    return this.#given[name] !== undefined
  }

  text(name: BrokerConfigKey): string {
    return this.set(name) ?? BROKER_CONFIG[name].default
  }

  number(name: BrokerConfigKey): number {
    return Number(this.text(name))
  }

  flag(name: BrokerConfigKey): boolean {
    return this.text(name).toLowerCase() === 'true'
  }
}

/**
 * Checks a value of a broker key; keys that have no meaning here are accepted, as their owner may share one file with a real broker.
 * @throws BrokerError INVALID_CONFIG
 */
export function checkBrokerValue(name: string, value: string): void {
  const def = brokerConfigDef(name)
  if (def === undefined) return
  const problem = parseConfigValue(name, def, value).problem
  if (problem !== undefined) throw new BrokerError(ErrorCode.INVALID_CONFIG, problem)
}
