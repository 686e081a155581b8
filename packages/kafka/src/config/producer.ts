// Producer configuration: the Java producer's keys with its defaults, and the rules between them.
import { atLeast, between, ConfigException, defineConfig, type InferConfig, oneOf, satisfies } from '@millrace/api'

/** Sequence numbers of five batches are what a broker remembers of a producer in a partition. */
const MAX_IN_FLIGHT_IDEMPOTENT = 5
const MAX_INT = 2147483647

/** Keys that only producers have; the ones all clients share are defined beside this. */
export const PRODUCER_KEYS = defineConfig({
  acks: {
    type: 'string',
    default: 'all',
    importance: 'low',
    validator: oneOf('all', '-1', '0', '1'),
    doc: 'What a record waits for before it counts as sent: all in-sync replicas (all or -1), the leader alone (1), or nothing (0: losses go unnoticed and offsets are not known).',
  },
  'enable.idempotence': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Numbers the batches so that a retry never writes a record twice. Needs acks=all, retries and at most five requests in flight; when one of these is set otherwise and this is not set, it is off.',
  },
  'max.in.flight.requests.per.connection': {
    type: 'int',
    default: '5',
    importance: 'low',
    validator: atLeast(1),
    doc: 'Most requests to one broker without an answer. Order within a partition is kept at every value: without idempotence one batch of a partition is on its way at a time.',
  },
  'batch.size': {
    type: 'int',
    default: '16384',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Most bytes of one batch, compressed size as far as it can be foreseen. A larger record goes alone. Batches of several partitions travel in one request.',
  },
  'linger.ms': {
    type: 'long',
    default: '5',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'How long a batch that is not full waits for more records, in milliseconds.',
  },
  'buffer.memory': {
    type: 'long',
    default: '33554432',
    importance: 'high',
    validator: atLeast(0),
    doc: 'Bytes of batches that may wait to be sent or answered. When they are used up, senders wait.',
  },
  'max.request.size': {
    type: 'int',
    default: '1048576',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Most bytes of one request, and so of one record before compression. The broker has limits of its own (message.max.bytes, max.message.bytes).',
  },
  'max.block.ms': {
    type: 'long',
    default: '60000',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'How long send() waits for metadata and memory, and transaction calls for the coordinator, in milliseconds.',
  },
  'compression.type': {
    type: 'string',
    default: 'none',
    importance: 'high',
    validator: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
    doc: 'How batches are compressed. snappy and lz4 need the optional packages snappy and lz4-napi.',
  },
  'compression.gzip.level': {
    type: 'int',
    default: '-1',
    importance: 'medium',
    validator: satisfies('-1 or 1 to 9', (value) =>
      value === -1 || inRange(value, 1, 9) ? undefined : 'out of range',
    ),
    doc: 'gzip level, 1 (fast) to 9 (small); -1 is its default.',
  },
  'compression.lz4.level': {
    type: 'int',
    default: '9',
    importance: 'medium',
    validator: between(1, 17),
    doc: 'Accepted for the Java client; the lz4 package here has one level.',
  },
  'compression.zstd.level': {
    type: 'int',
    default: '3',
    importance: 'medium',
    validator: between(-131072, 22),
    doc: 'zstd level, -131072 (fast) to 22 (small).',
  },
  'delivery.timeout.ms': {
    type: 'int',
    default: '120000',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Time from writing a record to the answer that it is there, retries included, in milliseconds. After it the record fails. At least linger.ms + request.timeout.ms.',
  },
  retries: {
    type: 'int',
    default: String(MAX_INT),
    importance: 'high',
    validator: between(0, MAX_INT),
    doc: 'Most retries of a batch. delivery.timeout.ms is the better limit.',
  },
  'partitioner.class': {
    type: 'string',
    default: null,
    importance: 'medium',
    validator: satisfies('empty, or the round-robin partitioner', (value) =>
      value === null || value === '' || /(^|\.)RoundRobinPartitioner$/.test(String(value))
        ? undefined
        : 'only the built-in partitioner (leave it out) and org.apache.kafka.clients.producer.RoundRobinPartitioner exist here',
    ),
    doc: 'Default: by murmur2 hash of the key; without a key all records go to one partition until batch.size bytes are written, then to another (KIP-794).',
  },
  'partitioner.ignore.keys': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    doc: 'Chooses partitions as if records had no keys.',
  },
  'partitioner.adaptive.partitioning.enable': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Records without keys go more often to partitions whose queues are short.',
  },
  'partitioner.availability.timeout.ms': {
    type: 'long',
    default: '0',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Records without keys avoid partitions whose broker took nothing for this many milliseconds. 0: they do not.',
  },
  'transactional.id': {
    type: 'string',
    default: null,
    importance: 'low',
    validator: satisfies('non-empty string', (value) => (value === '' ? 'String must be non-empty' : undefined)),
    doc: 'Name under which transactions survive a restart: a newer producer of the same name fences this one. Turns idempotence on.',
  },
  'transaction.timeout.ms': {
    type: 'int',
    default: '60000',
    importance: 'low',
    validator: atLeast(1),
    doc: 'The coordinator aborts a transaction that is open longer than this many milliseconds.',
  },
  'metadata.max.idle.ms': {
    type: 'long',
    default: '300000',
    importance: 'low',
    validator: atLeast(5000),
    doc: 'A topic that was not written to for this many milliseconds is no longer refreshed.',
  },
  'key.serializer': {
    type: 'string',
    default: null,
    importance: 'high',
    internal: true,
    doc: 'Accepted for the Java client and ignored: records arrive here as bytes.',
  },
  'value.serializer': {
    type: 'string',
    default: null,
    importance: 'high',
    internal: true,
    doc: 'Accepted for the Java client and ignored: records arrive here as bytes.',
  },
})

export type ProducerValues = InferConfig<typeof PRODUCER_KEYS>

/** What follows from several keys together. */
export interface ProducerRules {
  readonly acks: -1 | 0 | 1
  readonly idempotent: boolean
  readonly deliveryTimeoutMs: number
  /** What was decided against a default, one sentence each. */
  readonly notes: readonly string[]
}

/**
 * Rules between keys. `given` are the keys that the user set: a default gives way to them, two of them do not contradict.
 * @throws ConfigException naming the keys that contradict each other
 */
export function producerRules(
  values: ProducerValues,
  given: ReadonlySet<string>,
  requestTimeoutMs: number,
): ProducerRules {
  const notes: string[] = []
  const acks = values.acks === 'all' ? -1 : (Number(values.acks) as -1 | 0 | 1)
  return {
    acks,
    idempotent: idempotence(values, given, acks, notes),
    deliveryTimeoutMs: deliveryTimeout(values, given, requestTimeoutMs, notes),
    notes,
  }
}

function idempotence(values: ProducerValues, given: ReadonlySet<string>, acks: number, notes: string[]): boolean {
  const transactional = values['transactional.id'] !== null
  const asked = given.has('enable.idempotence')
  if (!values['enable.idempotence']) {
    if (transactional) {
      throw ConfigException.invalidValue('enable.idempotence', false, 'transactional.id needs it; leave it out')
    }
    return false
  }
  const against: [key: string, value: unknown, needs: string][] = []
  if (acks !== -1) against.push(['acks', values.acks, 'acks=all'])
  if (values.retries === 0) against.push(['retries', 0, 'retries above 0'])
  const inFlight = values['max.in.flight.requests.per.connection']
  if (inFlight > MAX_IN_FLIGHT_IDEMPOTENT) {
    against.push(['max.in.flight.requests.per.connection', inFlight, `at most ${MAX_IN_FLIGHT_IDEMPOTENT} of them`])
  }
  for (const [key, value, needs] of against) {
    if (asked || transactional) {
      const by = transactional ? 'transactional.id' : 'enable.idempotence=true'
      throw ConfigException.invalidValue(key, value, `${by} needs ${needs}`)
    }
    notes.push(
      `Idempotence is off because ${key}=${String(value)}: it needs ${needs}. A retry can write a record twice.`,
    )
  }
  return against.length === 0
}

function deliveryTimeout(
  values: ProducerValues,
  given: ReadonlySet<string>,
  requestTimeoutMs: number,
  notes: string[],
): number {
  const least = Math.min(MAX_INT, values['linger.ms'] + requestTimeoutMs)
  const set = values['delivery.timeout.ms']
  if (set >= least) return set
  if (given.has('delivery.timeout.ms')) {
    throw ConfigException.invalidValue(
      'delivery.timeout.ms',
      set,
      `it must be at least linger.ms + request.timeout.ms, which is ${least}`,
    )
  }
  notes.push(`delivery.timeout.ms is raised to ${least}: it must be at least linger.ms + request.timeout.ms.`)
  return least
}

function inRange(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high
}
