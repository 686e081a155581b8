// Apache Connect's transformations and predicates under their class names.
import type { AnyPluginDescriptor, Predicate, Transformation } from '@millrace/api'
import { VERSION } from '../version.ts'
import type { Side } from './common/sided.ts'

/** A class that is told its side. */
type SidedType = new (side: Side) => Transformation

const PACKAGE = 'org.apache.kafka.connect.transforms'

/** Those that work on the key or on the value: `$Key` and `$Value`. */
const SIDED: Readonly<Record<string, () => Promise<SidedType>>> = {
  Cast: async () => (await import('./cast.ts')).Cast,
  ExtractField: async () => (await import('./extract-field.ts')).ExtractField,
  Flatten: async () => (await import('./flatten.ts')).Flatten,
  HeaderFrom: async () => (await import('./header-from.ts')).HeaderFrom,
  HoistField: async () => (await import('./hoist-field.ts')).HoistField,
  InsertField: async () => (await import('./insert-field.ts')).InsertField,
  MaskField: async () => (await import('./mask-field.ts')).MaskField,
  ReplaceField: async () => (await import('./replace-field.ts')).ReplaceField,
  SetSchemaMetadata: async () => (await import('./set-schema-metadata.ts')).SetSchemaMetadata,
  TimestampConverter: async () => (await import('./timestamp-converter.ts')).TimestampConverter,
}

/** Those that work on the whole record. */
const WHOLE: Readonly<Record<string, () => Promise<new () => Transformation>>> = {
  DropHeaders: async () => (await import('./headers.ts')).DropHeaders,
  Filter: async () => (await import('./filter.ts')).Filter,
  InsertHeader: async () => (await import('./headers.ts')).InsertHeader,
  RegexRouter: async () => (await import('./regex-router.ts')).RegexRouter,
  TimestampRouter: async () => (await import('./timestamp-router.ts')).TimestampRouter,
  ValueToKey: async () => (await import('./value-to-key.ts')).ValueToKey,
}

const PREDICATES: Readonly<Record<string, () => Promise<new () => Predicate>>> = {
  HasHeaderKey: async () => (await import('./predicates.ts')).HasHeaderKey,
  RecordIsTombstone: async () => (await import('./predicates.ts')).RecordIsTombstone,
  TopicNameMatches: async () => (await import('./predicates.ts')).TopicNameMatches,
}

/** All of them, in the order in which the reference lists plugins. */
export const apachePlugins: readonly AnyPluginDescriptor[] = [
  ...[
    ...Object.entries(SIDED).flatMap(([name, load]) => [
      transformation(`${name}$Key`, async () => onSide(await load(), 'key')),
      transformation(`${name}$Value`, async () => onSide(await load(), 'value')),
    ]),
    ...Object.entries(WHOLE).map(([name, load]) => ({
      ...transformation(name, load),
      // Debezium has a Filter, too; the short name is that of the reference.
      ...(name === 'Filter' && { aliases: [name] }),
    })),
  ].sort((a, b) => (a.className < b.className ? -1 : 1)),
  ...Object.entries(PREDICATES).map(
    ([name, load]): AnyPluginDescriptor => ({
      kind: 'predicate',
      className: `${PACKAGE}.predicates.${name}`,
      version: VERSION,
      load,
    }),
  ),
]

function transformation(name: string, load: () => Promise<new () => Transformation>): AnyPluginDescriptor {
  return { kind: 'transformation', className: `${PACKAGE}.${name}`, version: VERSION, load }
}

/** The same class, constructed for one side. */
function onSide(type: SidedType, side: Side): new () => Transformation {
  return type.bind(null, side) as new () => Transformation
}
