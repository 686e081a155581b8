// Options as the registry's texts have them.
import type { ProtoOption, ProtoOptionValue } from './model.ts'

/** `NAME = VALUE`; of a field, whose type decides how its default is written. */
export function printOption({ name, value }: ProtoOption, fieldType?: string): string {
  if (fieldType !== undefined && name === 'default') return `default = ${printDefault(value, fieldType)}`
  if (fieldType !== undefined && name === 'json_name') return `json_name = ${quote(textOf(value))}`
  // Lists of options and lists of values are written alike.
  const text = value.kind === 'list' ? bracketed(value.items.map(printValue)) : printValue(value)
  return `${name} = ${text}`
}

/** Options in brackets; several stand on lines of their own. */
export function printOptionList(options: readonly ProtoOption[], fieldType?: string): string {
  return bracketed(options.map((option) => printOption(option, fieldType)))
}

function printValue(value: ProtoOptionValue): string {
  switch (value.kind) {
    case 'string':
      return quote(value.text)
    case 'message':
      return `{\n${lines(value.fields.map(([name, field]) => `${name}: ${printValue(field)}`))}}`
    case 'list':
      return `[\n${lines(value.items.map(printValue))}]`
    default:
      return value.text
  }
}

function bracketed(items: readonly string[]): string {
  return items.length === 1 ? `[${items[0]}]` : `[\n${lines(items)}]`
}

function lines(items: readonly string[]): string {
  return items.map((item, at) => `  ${item.replaceAll('\n', '\n  ')}${at < items.length - 1 ? ',' : ''}\n`).join('')
}

/**
 * A default as the field's type asks for it, however it was written. The reference writes defaults of bytes without
 * quotation marks, which is no valid text when they are more than a word; those we leave as they are.
 */
function printDefault(value: ProtoOptionValue, fieldType: string): string {
  const text = textOf(value)
  const quoted = fieldType === 'string' || (value.kind === 'string' && !/^[\w.-]+$/.test(text))
  return quoted ? quote(text) : text
}

function textOf(value: ProtoOptionValue): string {
  return value.kind === 'list' || value.kind === 'message' ? printValue(value) : value.text
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
const ESCAPED = /[\u0007\b\f\n\r\t\v\\'"]/g

function quote(text: string): string {
  return `"${text.replace(ESCAPED, (sign) => ESCAPES[sign] as string)}"`
}
