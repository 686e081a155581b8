// The Protobuf schema that a Connect schema is registered as.
import { DataException, type Schema } from '@millrace/api'
import {
  type ParsedProto,
  type ProtoFile,
  type ProtoOption,
  protoSchema,
  wellKnownFile,
} from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import { rootWrapper, toProtoFile } from './schema-out.ts'

const WRAPPERS_PATH = 'google/protobuf/wrappers.proto'
/** What the compiler's own form of the file says to generators of code: it is part of the text that is registered. */
const OPTIONS: readonly ProtoOption[] = [
  stringOption('java_package', 'com.google.protobuf'),
  stringOption('java_outer_classname', 'WrappersProto'),
  trueOption('java_multiple_files'),
  stringOption('go_package', 'google.golang.org/protobuf/types/known/wrapperspb'),
  trueOption('cc_enable_arenas'),
  stringOption('objc_class_prefix', 'GPB'),
  stringOption('csharp_namespace', 'Google.Protobuf.WellKnownTypes'),
]
function stringOption(name: string, text: string): ProtoOption {
  return { name, value: { kind: 'string', text } }
}
function trueOption(name: string): ProtoOption {
  return { name, value: { kind: 'name', text: 'true' } }
}

/** The schema; its name is that of the record's message. @throws DataException for what Protobuf has no schema for */
export function ownSchema(schema: Schema | null, options: ProtobufOptions): ParsedProto {
  if (schema === null) throw new DataException('Protobuf needs a schema: the record has a value without one')
  const wrapper = rootWrapper(schema)
  if (wrapper === null) return protoSchema(toProtoFile(schema, options).file)
  return Object.freeze({ ...protoSchema(wrappersFile()), name: wrapper })
}

let wrappers: ProtoFile | null = null
/** The file that a primitive value's message stands in. */
function wrappersFile(): ProtoFile {
  if (wrappers !== null) return wrappers
  const file = wellKnownFile(WRAPPERS_PATH)
  if (file === undefined) throw new DataException(`${WRAPPERS_PATH} is not there`)
  const types = file.types.map((type) =>
    type.kind === 'enum'
      ? type
      : {
          ...type,
          fields: type.fields.map((field) => ({ ...field, options: [stringOption('json_name', field.name)] })),
        },
  )
  wrappers = Object.freeze({ ...file, options: OPTIONS, types })
  return wrappers
}
