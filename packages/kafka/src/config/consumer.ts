// Consumer configuration: the Java consumer's keys with its defaults, and one of our own that bounds the prefetch.
import {
  atLeast,
  ConfigException,
  defineConfig,
  type InferConfig,
  oneOf,
  oneOfIgnoringCase,
  satisfies,
} from '@millrace/api'
import { ASSIGNOR_NAMES, createAssignor } from '../group/assignors/index.ts'

/** Keys that only consumers have; the ones all clients share are defined beside this. */
export const CONSUMER_KEYS = defineConfig({
  'group.id': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'Name of the group whose members share the partitions of the subscribed topics and the committed offsets. Needed to subscribe and to commit; not needed with assigned partitions.',
  },
  'group.instance.id': {
    type: 'string',
    default: null,
    importance: 'medium',
    validator: satisfies('non-empty string', (value) => (value === '' ? 'String must be non-empty' : undefined)),
    doc: 'Makes this a static member (KIP-345): after a restart within session.timeout.ms it takes its partitions back without a rebalance. Must be unique in the group.',
  },
  'group.protocol': {
    type: 'string',
    default: 'classic',
    importance: 'high',
    validator: oneOfIgnoringCase('consumer', 'classic'),
    doc: 'The group protocol: classic, where a member divides the partitions, or consumer (KIP-848), where the coordinator does, and members give up only what moves. consumer needs Apache Kafka 4.0 or later. Members of both kinds can be in one group while it is moved from one to the other.',
  },
  'group.remote.assignor': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Assignor of the coordinator that divides the partitions, such as uniform or range; only with group.protocol=consumer. Without it the coordinator chooses.',
  },
  'session.timeout.ms': {
    type: 'int',
    default: '45000',
    importance: 'high',
    validator: atLeast(1),
    doc: 'The coordinator takes a member for dead when it got no heartbeat for this many milliseconds. Must lie within the range the broker allows.',
  },
  'heartbeat.interval.ms': {
    type: 'int',
    default: '3000',
    importance: 'high',
    validator: atLeast(1),
    doc: 'Milliseconds between heartbeats. Less than session.timeout.ms, usually a third of it.',
  },
  'max.poll.interval.ms': {
    type: 'int',
    default: '300000',
    importance: 'medium',
    validator: atLeast(1),
    doc: 'Longest time in milliseconds between two polls. A consumer that takes longer leaves the group. Also the time it has to join a rebalance.',
  },
  'max.poll.records': {
    type: 'int',
    default: '500',
    importance: 'medium',
    validator: atLeast(1),
    doc: 'Most records that one poll returns. It does not change how much is fetched.',
  },
  'partition.assignment.strategy': {
    type: 'list',
    default: 'range,cooperative-sticky',
    importance: 'medium',
    validator: satisfies(`one or more of ${ASSIGNOR_NAMES.join(', ')} or their Java class names`, strategyFault),
    doc: 'Assignors this member can follow, preferred first, by name or Java class name. All members of a group must share one. Cooperative rebalancing is used when every listed assignor supports it.',
  },
  'enable.auto.commit': {
    type: 'boolean',
    default: 'true',
    importance: 'medium',
    doc: 'Whether positions are committed in the background. Only with group.id.',
  },
  'auto.commit.interval.ms': {
    type: 'int',
    default: '5000',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Milliseconds between commits in the background.',
  },
  'auto.offset.reset': {
    type: 'string',
    default: 'latest',
    importance: 'medium',
    validator: satisfies('earliest, latest, none or by_duration:<ISO-8601 duration>', (value) =>
      parseOffsetReset(String(value)) === undefined
        ? 'it must be earliest, latest, none or by_duration:<ISO-8601 duration>, for example by_duration:PT6H'
        : undefined,
    ),
    doc: 'Where to start without a committed offset, or when the offset is no longer in the log: earliest, latest, by_duration:PT6H (records of the last six hours on), or none (an error).',
  },
  'fetch.min.bytes': {
    type: 'int',
    default: '1',
    importance: 'high',
    validator: atLeast(0),
    doc: 'The broker answers a fetch when it has this many bytes, or after fetch.max.wait.ms.',
  },
  'fetch.max.wait.ms': {
    type: 'int',
    default: '500',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest time in milliseconds that the broker holds a fetch back for fetch.min.bytes.',
  },
  'fetch.max.bytes': {
    type: 'int',
    default: '52428800',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Most bytes of one fetch answer over all partitions. A first batch that is larger is returned all the same.',
  },
  'max.partition.fetch.bytes': {
    type: 'int',
    default: '1048576',
    importance: 'high',
    validator: atLeast(0),
    doc: 'Most bytes of one partition in a fetch answer. A first batch that is larger is returned all the same.',
  },
  'prefetch.max.bytes': {
    type: 'int',
    default: '8388608',
    importance: 'medium',
    validator: atLeast(1),
    doc: 'Most bytes held fetched but not yet polled, answers under way included, over all partitions. A key of this client: it keeps memory flat when processing is slow. One batch larger than it still gets through.',
  },
  'isolation.level': {
    type: 'string',
    default: 'read_uncommitted',
    importance: 'medium',
    validator: oneOf('read_committed', 'read_uncommitted'),
    doc: 'read_committed: records of aborted transactions are left out, and nothing is read beyond the first open transaction.',
  },
  'check.crcs': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Whether the checksum of each fetched batch is verified.',
  },
  'allow.auto.create.topics': {
    type: 'boolean',
    default: 'true',
    importance: 'medium',
    doc: 'Whether subscribing to a topic that does not exist may create it, if the broker allows that too.',
  },
  'client.rack': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Rack of this consumer, told to the leader of the group. Records are always fetched from partition leaders.',
  },
  'exclude.internal.topics': {
    type: 'boolean',
    default: 'true',
    importance: 'medium',
    doc: 'Whether a subscription by pattern leaves out internal topics such as __consumer_offsets.',
  },
  'default.api.timeout.ms': {
    type: 'int',
    default: '60000',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Milliseconds that calls without a time limit of their own (commit, committed, offsets by time) may take.',
  },
  'internal.leave.group.on.close': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    internal: true,
    doc: 'Whether closing leaves the group at once. Without it the group waits for the session timeout.',
  },
})

export type ConsumerValues = InferConfig<typeof CONSUMER_KEYS>

/** Where to start reading without an offset. `duration`: at the first record younger than this many milliseconds. */
export type OffsetReset =
  | { readonly kind: 'earliest' | 'latest' | 'none' }
  | { readonly kind: 'duration'; readonly ms: number }

/** Parses `auto.offset.reset` (KIP-1106 for `by_duration`); undefined when it is none of the allowed forms. */
export function parseOffsetReset(text: string): OffsetReset | undefined {
  const name = text.toLowerCase()
  if (name === 'earliest' || name === 'latest' || name === 'none') return { kind: name }
  const match = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/i.exec(text)
  if (match === null || /[PT]$/i.test(text)) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return { kind: 'duration', ms: (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 }
}

/**
 * Rules between keys, which no single validator can see.
 * @throws ConfigException naming the first pair that contradicts itself
 */
export function checkConsumerValues(values: ConsumerValues, given: ReadonlySet<string>): void {
  checkGroupProtocol(values, given)
  if (values['heartbeat.interval.ms'] >= values['session.timeout.ms']) {
    throw ConfigException.invalidValue(
      'heartbeat.interval.ms',
      values['heartbeat.interval.ms'],
      `it must be less than session.timeout.ms (${values['session.timeout.ms']})`,
    )
  }
  if (values['group.id'] === null && given.has('enable.auto.commit') && values['enable.auto.commit']) {
    throw ConfigException.invalidValue(
      'enable.auto.commit',
      true,
      'offsets can only be committed with a group.id; set one, or set this to false',
    )
  }
}

/** What the coordinator decides under the consumer group protocol, so that no member can. */
const NOT_FOR_CONSUMER = ['partition.assignment.strategy', 'heartbeat.interval.ms', 'session.timeout.ms']

/** True when the coordinator divides the partitions (KIP-848). */
export function dividedByCoordinator(values: Pick<ConsumerValues, 'group.protocol'>): boolean {
  return values['group.protocol'].toLowerCase() === 'consumer'
}

/** The messages are the Java consumer's. */
function checkGroupProtocol(values: ConsumerValues, given: ReadonlySet<string>): void {
  const byCoordinator = dividedByCoordinator(values)
  const refused = byCoordinator
    ? NOT_FOR_CONSUMER.find((key) => given.has(key))
    : (values['group.remote.assignor'] ?? '') === ''
      ? undefined
      : 'group.remote.assignor'
  if (refused === undefined) return
  throw new ConfigException(`${refused} cannot be set when group.protocol=${byCoordinator ? 'CONSUMER' : 'CLASSIC'}`)
}

function strategyFault(value: unknown): string | undefined {
  const names = value as readonly string[]
  if (names.length === 0) return `at least one assignor is needed: ${ASSIGNOR_NAMES.join(', ')}`
  const bad = names.find((name) => createAssignor(name) === undefined)
  if (bad !== undefined) return `there is no assignor "${bad}"; there are ${ASSIGNOR_NAMES.join(', ')}`
  const protocolNames = names.map((name) => createAssignor(name)!.name)
  return new Set(protocolNames).size < names.length ? 'the same assignor is listed twice' : undefined
}
