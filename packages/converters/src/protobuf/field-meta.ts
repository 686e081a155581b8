// What `(confluent.field_meta)` says of a field: Connect's narrower types, and a decimal's digits.
import type { ProtoField, ProtoOptionValue } from '@millrace/schemas/protobuf'
import { KEY, Meta, VALUE } from './names.ts'

const PARAMS = 'params'

/** The parameters of a field's meta option. */
export function fieldMeta(field: ProtoField): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { name, value } of field.options) {
    if (name === `${Meta.OPTION}.${PARAMS}`) addParams(value, found)
    else if (name === Meta.OPTION && value.kind === 'message') {
      for (const [part, params] of value.fields) if (part === PARAMS) addParams(params, found)
    }
  }
  return found
}

function addParams(value: ProtoOptionValue, found: Map<string, string>): void {
  if (value.kind === 'list') for (const item of value.items) addParams(item, found)
  if (value.kind !== 'message') return
  const part = (name: string): string => {
    const text = value.fields.find(([one]) => one === name)?.[1]
    return text !== undefined && 'text' in text ? text.text : ''
  }
  found.set(part(KEY), part(VALUE))
}
