// What no reader or writer could tell apart: numbers and names that are used twice.
// Source: https://protobuf.com/docs/language-spec#fields, #enums
import { SchemaParseException } from '../language.ts'
import { byOneof } from './group.ts'
import type { ProtoEnum, ProtoFile, ProtoMessage } from './model.ts'
import { optionText } from './options.ts'

const MAX_FIELD_NUMBER = 536870911
const FIRST_OWN = 19000
const LAST_OWN = 19999

/** @throws {SchemaParseException} when two fields share a number or a name, or a number is outside of what the wire can carry */
export function checkMessage(message: ProtoMessage, fullName: string): void {
  const numbers = new Set<number>()
  const names = new Set<string>()
  for (const { name, number } of message.fields) {
    if (number < 1 || number > MAX_FIELD_NUMBER || (number >= FIRST_OWN && number <= LAST_OWN)) {
      throw wrong(
        `${fullName}.${name} has the number ${number}; allowed are 1 to ${MAX_FIELD_NUMBER} without ${FIRST_OWN} to ${LAST_OWN}`,
      )
    }
    if (numbers.has(number)) throw wrong(`two fields of ${fullName} have the number ${number}`)
    if (names.has(name)) throw wrong(`two fields of ${fullName} have the name ${name}`)
    numbers.add(number)
    names.add(name)
  }
  const members = byOneof(message.fields)
  for (const { name } of message.oneofs) {
    if (!members.has(name)) throw wrong(`the oneof ${fullName}.${name} has no fields`)
    if (names.has(name)) throw wrong(`a field and a oneof of ${fullName} have the name ${name}`)
    names.add(name)
  }
}

/** @throws {SchemaParseException} when there are no values, the first of proto3 is not zero, or two share a number or a name */
export function checkEnum(declared: ProtoEnum, fullName: string, syntax: ProtoFile['syntax']): void {
  const [first] = declared.values
  if (first === undefined) throw wrong(`the enumeration ${fullName} has no values`)
  if (syntax === 'proto3' && first.number !== 0) throw wrong(`the first value of ${fullName} must be 0 in proto3`)
  const aliases = optionText(declared.options, 'allow_alias') === 'true'
  const numbers = new Set<number>()
  const names = new Set<string>()
  for (const { name, number } of declared.values) {
    if (!aliases && numbers.has(number)) throw wrong(`two values of ${fullName} have the number ${number}`)
    if (names.has(name)) throw wrong(`two values of ${fullName} have the name ${name}`)
    numbers.add(number)
    names.add(name)
  }
}

function wrong(why: string): SchemaParseException {
  return new SchemaParseException(`The schema is not valid Protobuf: ${why}`)
}
