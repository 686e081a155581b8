// Random configurations of each transformation and predicate, some of them wrong.
import type { Random } from '../../src/random.ts'

/** Placeholders of configurations, not of templates. */
const TOPIC = `\${topic}`
const TIME = `\${timestamp}`
const TABLE = `\${table}`

type Config = Record<string, string>
type Make = (random: Random) => Config

const FIELDS = ['id', 'name', 'at', 'sub', 'list', 'a.b', 'x', 'none']
const TYPES = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string', 'INT64', 'String']
export const PATTERNS = [
  'yyyy-MM-dd',
  'yyyy-MM-dd HH:mm:ss',
  'yyyyMMdd',
  'yyyyMMddHHmmssSSS',
  "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
  "yyyy-MM-dd'T'HH:mm:ss.SSSX",
  'EEE, d MMM yyyy h:mm a',
  'EEEE dd MMMM yyyy G',
  'd/M/yy',
  'yy-D k:m K',
  'YYYY-ww-u W F',
  "hh 'o''clock' a, zzzz Z z XX XXX",
  'MMM LL L y S SS SSSS',
]
const BAD_PATTERNS = ["yyyy'", 'yyyy-bb', 'XXXX']

const some = (random: Random, from: readonly string[], most = 3): string =>
  [...new Set(random.list(1 + random.below(most), () => random.pick(from)))].join(',')
const maybe = (random: Random, probability: number, key: string, value: string): Config =>
  random.chance(probability) ? { [key]: value } : {}
const replaceNull = (random: Random): Config =>
  maybe(random, 0.4, 'replace.null.with.default', String(random.chance(0.3)))

const cast: Make = (random) => {
  const fields = some(random, FIELDS, 4).split(',')
  const kind = random.next()
  const pairs = fields.map((field) => `${field}:${random.pick(TYPES)}`).join(',')
  const spec =
    kind < 0.25
      ? random.pick(TYPES)
      : kind < 0.3
        ? random.pick(['', 'id:int128', 'a:b:c', 'id:array', 'bytes', 'int8,id:int8', 'id: int8 , name :string'])
        : pairs
  return { spec, ...replaceNull(random) }
}
const extract: Make = (random) => ({
  field: random.pick([
    'id',
    'name',
    'at',
    'sub',
    'a.b',
    'sub.id',
    'sub.sub.at',
    '`a.b`',
    'sub.`a.b`',
    'none',
    'list.id',
    'x.id',
  ]),
  ...maybe(random, 0.6, 'field.syntax.version', random.pick(['V1', 'V2', 'v2', 'v2', 'V2', 'V3'])),
  ...replaceNull(random),
})
const flatten: Make = (random) => maybe(random, 0.5, 'delimiter', random.pick(['_', '', '..', '/']))
const headerFrom: Make = (random) => {
  const fields = some(random, FIELDS)
  const headers = fields.split(',').map((field) => `${field}-h`)
  return {
    fields,
    headers: random.chance(0.05) ? 'one,two,three,four' : headers.join(','),
    operation: random.pick(['move', 'copy', 'move', 'copy', 'swap']),
    ...replaceNull(random),
  }
}
const hoist: Make = (random) => (random.chance(0.05) ? {} : { field: random.pick(['whole', 'a.b', 'id']) })
const mark = (random: Random, name: string): string => name + random.pick(['', '', '?', '!'])
const insert: Make = (random) => ({
  ...maybe(random, 0.4, 'topic.field', mark(random, 'topic')),
  ...maybe(random, 0.4, 'partition.field', mark(random, 'partition')),
  ...maybe(random, 0.2, 'offset.field', mark(random, 'offset')),
  ...maybe(random, 0.4, 'timestamp.field', mark(random, 'time')),
  ...maybe(random, 0.4, 'static.field', mark(random, random.pick(['static', 'static', 'id']))),
  ...maybe(random, 0.5, 'static.value', 'fixed'),
  ...replaceNull(random),
})
const mask: Make = (random) => ({
  fields: some(random, FIELDS, 4),
  ...maybe(random, 0.5, 'replacement', random.pick(['***', '7', '300', '-1.5', '4294967296', '', 'true', ' 5'])),
  ...replaceNull(random),
})
const replace: Make = (random) => ({
  ...maybe(random, 0.4, 'exclude', some(random, FIELDS)),
  ...maybe(random, 0.3, 'include', some(random, FIELDS, 5)),
  ...maybe(
    random,
    0.6,
    'renames',
    random.pick(['id:key', 'id:key,at:when', 'none:id', 'name:label,sub:inner', 'id', 'a:b:c', 'id:']),
  ),
  ...replaceNull(random),
})
const metadata: Make = (random) => ({
  ...maybe(random, 0.6, 'schema.name', 'renamed'),
  ...maybe(random, 0.6, 'schema.version', random.pick(['7', '7', 'x'])),
  ...replaceNull(random),
})
const timestamp: Make = (random) => ({
  ...maybe(random, 0.75, 'field', random.pick(['at', 'name', 'id', 'at', 'sub'])),
  'target.type': random.pick(['string', 'unix', 'Date', 'Time', 'Timestamp', 'Timestamp', 'date']),
  ...maybe(random, 0.85, 'format', random.chance(0.05) ? random.pick(BAD_PATTERNS) : random.pick(PATTERNS)),
  ...maybe(
    random,
    0.5,
    'unix.precision',
    random.pick(['seconds', 'microseconds', 'nanoseconds', 'milliseconds', 'days']),
  ),
  ...replaceNull(random),
})

/** By class name without the package. */
export const CONFIGS: Readonly<Record<string, Make>> = {
  ...Object.fromEntries(
    Object.entries({
      Cast: cast,
      ExtractField: extract,
      Flatten: flatten,
      HeaderFrom: headerFrom,
      HoistField: hoist,
      InsertField: insert,
      MaskField: mask,
      ReplaceField: replace,
      SetSchemaMetadata: metadata,
      TimestampConverter: timestamp,
    }).flatMap(([name, make]) => [
      [`${name}$Key`, make],
      [`${name}$Value`, make],
    ]),
  ),
  DropHeaders: (random) => ({ headers: random.pick(['h', 'h,i', 'none', '']) }),
  Filter: () => ({}),
  InsertHeader: (random) => ({
    header: random.pick(['h', 'new']),
    'value.literal': random.pick(['10', 'text', 'true', '[1,2]', '{"a":1}', '1.5', 'null', '2024-02-29', '']),
  }),
  RegexRouter: (random) => ({
    regex: random.pick(['(.*)', 'a|ab', '(\\w+)\\.(\\w+)\\.(?<table>.*)', 'o(r)?(z)?.*', '[a-', '.*-(\\d)', 'none']),
    replacement: random.pick(['to-$1', 'new', '$2$1', TABLE, '\\$x', '$', '$9', '$12', 'a\\', '${', '$x']),
  }),
  TimestampRouter: (random) => ({
    ...maybe(random, 0.5, 'topic.format', random.pick([`${TIME}/${TOPIC}/${TOPIC}`, 'fixed', `${TOPIC}$1\\`])),
    ...maybe(random, 0.7, 'timestamp.format', random.chance(0.1) ? random.pick(BAD_PATTERNS) : random.pick(PATTERNS)),
  }),
  ValueToKey: (random) => ({ fields: some(random, FIELDS), ...replaceNull(random) }),
  'predicates.HasHeaderKey': (random) => ({ name: random.pick(['h', 'i', 'none', '']) }),
  'predicates.RecordIsTombstone': () => ({}),
  'predicates.TopicNameMatches': (random) => ({ pattern: random.pick(['.*', 'a.*', 'orders', 'db1\\..*', '[', '']) }),
}
