// Options of descriptors as options of files, in the order in which the reference writes them.
import type { LinkedMessage, ProtoOption, ProtoOptionValue } from '../model.ts'
import { DESCRIPTOR_META, type Descriptor, type DescriptorValue, descriptorMessage } from './codec.ts'

/** Which options a declaration may have: the message of descriptor.proto, and names in the order they are written in. */
interface OptionKind {
  readonly message: string
  readonly meta: string | null
  readonly names: readonly string[]
}

const JAVA = ['java_package', 'java_outer_classname', 'java_multiple_files']
const MORE_JAVA = ['java_generate_equals_and_hash', 'java_string_check_utf8', 'optimize_for', 'go_package']
const GENERIC = ['cc_generic_services', 'java_generic_services', 'py_generic_services', 'deprecated']
const PREFIXES = ['cc_enable_arenas', 'objc_class_prefix', 'csharp_namespace', 'swift_prefix', 'php_class_prefix']
const LAST = ['php_namespace', 'php_metadata_namespace', 'ruby_package', 'features']

/** All kinds of options, by what they stand in. */
export const OPTION_KINDS = {
  file: {
    message: 'FileOptions',
    meta: 'confluent.file_meta',
    names: [...JAVA, ...MORE_JAVA, ...GENERIC, ...PREFIXES, ...LAST],
  },
  message: {
    message: 'MessageOptions',
    meta: 'confluent.message_meta',
    names: ['no_standard_descriptor_accessor', 'deprecated', 'map_entry', 'features'],
  },
  field: {
    message: 'FieldOptions',
    meta: 'confluent.field_meta',
    names: [
      ...['ctype', 'packed', 'jstype', 'deprecated', 'debug_redact'],
      ...['retention', 'targets', 'edition_defaults', 'features', 'feature_support'],
    ],
  },
  oneof: { message: 'OneofOptions', meta: null, names: ['features'] },
  enum: { message: 'EnumOptions', meta: 'confluent.enum_meta', names: ['allow_alias', 'deprecated', 'features'] },
  enumValue: {
    message: 'EnumValueOptions',
    meta: 'confluent.enum_value_meta',
    names: ['deprecated', 'debug_redact', 'features', 'feature_support'],
  },
  service: { message: 'ServiceOptions', meta: null, names: ['deprecated', 'features'] },
  method: { message: 'MethodOptions', meta: null, names: ['deprecated', 'idempotency_level', 'features'] },
  range: { message: 'ExtensionRangeOptions', meta: null, names: ['declaration', 'features', 'verification'] },
} as const satisfies Record<string, OptionKind>

/** The options of one declaration. */
export function optionsFrom(
  kind: keyof typeof OPTION_KINDS,
  options: DescriptorValue | readonly DescriptorValue[] | undefined,
): readonly ProtoOption[] {
  if (options === undefined) return []
  const { message, meta, names }: OptionKind = OPTION_KINDS[kind]
  const values = options as Descriptor
  const type = descriptorMessage(message)
  const own = names.flatMap((name) => {
    const value = values[name]
    const list = Array.isArray(value) ? (value as readonly DescriptorValue[]) : value === undefined ? [] : [value]
    return list.map((one) => ({ name, value: valueFrom(fieldType(type, name), one as DescriptorValue) }))
  })
  const about = meta === null ? undefined : metaFrom(values[DESCRIPTOR_META] as Descriptor | undefined)
  return about === undefined ? own : [...own, { name: `(${meta})`, value: about }]
}

function fieldType(message: LinkedMessage, name: string) {
  return message.fields.find((field) => field.name === name)?.type
}

function valueFrom(type: ReturnType<typeof fieldType>, value: DescriptorValue): ProtoOptionValue {
  if (typeof value === 'object') {
    const message = type?.kind === 'message' ? type.type : undefined
    const fields = (message?.fields ?? [])
      .toSorted((a, b) => order(a.name) - order(b.name) || a.number - b.number)
      .flatMap((field): readonly (readonly [string, ProtoOptionValue])[] => {
        const inner = value[field.name]
        return inner === undefined ? [] : [[field.name, valueFrom(field.type, inner as DescriptorValue)]]
      })
    return { kind: 'message', fields }
  }
  if (typeof value === 'number') return { kind: 'number', text: String(value) }
  if (typeof value === 'boolean') return { kind: 'name', text: String(value) }
  return { kind: type?.kind === 'enum' ? 'name' : 'string', text: value }
}

/** The reference names the edition of a default before its value, against their numbers. */
function order(name: string): number {
  return name === 'edition' ? 0 : 1
}

function metaFrom(meta: Descriptor | undefined): ProtoOptionValue | undefined {
  if (meta === undefined) return undefined
  const fields: (readonly [string, ProtoOptionValue])[] = []
  const text = (value: unknown): ProtoOptionValue => ({ kind: 'string', text: String(value ?? '') })
  const texts = (entry: Descriptor, names: readonly string[]): ProtoOptionValue => ({
    kind: 'message',
    fields: names.flatMap((name) => (entry[name] === undefined ? [] : [[name, text(entry[name])] as const])),
  })
  const list = (name: string, items: readonly ProtoOptionValue[]) => {
    if (items.length > 0) fields.push([name, { kind: 'list', items }])
  }
  if (meta.doc !== undefined) fields.push(['doc', text(meta.doc)])
  list(
    'params',
    ((meta.params ?? []) as readonly Descriptor[]).map((entry) => {
      const whole = { key: entry.key ?? '', value: entry.value ?? '' }
      // Numbers of decimals have always been written with their value first.
      return texts(whole, whole.key === 'precision' || whole.key === 'scale' ? ['value', 'key'] : ['key', 'value'])
    }),
  )
  list('tags', ((meta.tags ?? []) as readonly string[]).map(text))
  const rules = ((meta.rules ?? []) as readonly Descriptor[]).filter((rule) => Object.keys(rule).length > 0)
  list(
    'rules',
    rules.map((rule) => texts(rule, ['name', 'doc', 'expr', 'sql'])),
  )
  return fields.length === 0 ? undefined : { kind: 'message', fields }
}
