// The rules for objects. What may be added or removed depends on whether properties without a schema are allowed.
import type { Place } from './comparison.ts'
import type { Model, ObjectModel } from './model.ts'
import { compareRest, compareUnevaluated } from './rest-rules.ts'
import { compareLower, compareUpper, isAmong } from './scalar-rules.ts'

export function compareObjects(place: Place, reader: ObjectModel, writer: ObjectModel): void {
  compareRequired(place.at('required'), reader, writer)
  compareProperties(place.at('properties'), reader, writer)
  compareDependencies(place.at('dependencies'), reader, writer)
  compareRest(place.at('additionalProperties'), 'ADDITIONAL_PROPERTIES', reader.rest, writer.rest)
  compareUnevaluated(
    place.at('unevaluatedProperties'),
    'UNEVALUATED_PROPERTIES',
    reader.unevaluated,
    writer.unevaluated,
  )
  compareUpper(place, 'maxProperties', reader, writer)
  compareLower(place, 'minProperties', reader, writer)
}

function compareRequired(place: Place, reader: ObjectModel, writer: ObjectModel): void {
  for (const name of reader.required ?? []) {
    const schema = reader.properties?.get(name)
    if (schema === undefined || writer.properties?.has(name) !== true || writer.required?.has(name) === true) continue
    if (!schema.hasDefault) place.at(name).add('REQUIRED_ATTRIBUTE_ADDED', `${name} is required now and has no default`)
  }
}

function compareProperties(place: Place, reader: ObjectModel, writer: ObjectModel): void {
  for (const name of new Set([...(writer.properties?.keys() ?? []), ...(reader.properties?.keys() ?? [])])) {
    const reading = reader.properties?.get(name)
    const written = writer.properties?.get(name)
    if (reading === undefined) removed(place.at(name), name, written as Model, reader)
    else if (written === undefined) added(place.at(name), name, reading, reader, writer)
    else place.at(name).compare(reading, written)
  }
}

function removed(place: Place, name: string, written: Model, reader: ObjectModel): void {
  if (isOpen(reader)) return
  const cover = coverOf(reader, name)
  if (cover === undefined) {
    if (written.kind !== 'false')
      place.add(
        'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
        `${name} was removed, and no other properties are allowed`,
      )
  } else if (!place.fits(cover, written)) {
    place.compare(cover, written)
    place.add(
      'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
      `${name} was removed, and its values do not fit the schema of other properties`,
    )
  }
}

function added(place: Place, name: string, reading: Model, reader: ObjectModel, writer: ObjectModel): void {
  const needed = reader.required?.has(name) === true
  if (isOpen(writer)) {
    if (reading.kind === 'empty' || reading.kind === 'true') return
    const type = !needed
      ? 'OPTIONAL_PROPERTY'
      : reading.hasDefault
        ? 'REQUIRED_PROPERTY_WITH_DEFAULT'
        : 'REQUIRED_PROPERTY'
    place.add(
      `${type}_ADDED_TO_OPEN_CONTENT_MODEL`,
      `${name} was added, and could have been written with any value before`,
    )
    return
  }
  const cover = coverOf(writer, name)
  if (cover !== undefined && !place.fits(reading, cover)) {
    place.compare(reading, cover)
    place.add(
      'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
      `${name} was added, and could have been written with other values before`,
    )
  }
  if (needed && !reading.hasDefault) {
    place.add('REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL', `${name} was added as required and without a default`)
  }
}

function compareDependencies(place: Place, reader: ObjectModel, writer: ObjectModel): void {
  for (const [name, reading] of reader.propertyDependencies ?? []) {
    const written = writer.propertyDependencies?.get(name)
    if (written !== undefined && isAmong(reading, written)) continue
    const type = written === undefined ? 'ADDED' : isAmong(written, reading) ? 'EXTENDED' : 'CHANGED'
    place.at(name).add(`DEPENDENCY_ARRAY_${type}`, `${name} asks for more properties beside it`)
  }
  for (const [name, reading] of reader.schemaDependencies ?? []) {
    const written = writer.schemaDependencies?.get(name)
    if (written === undefined) place.at(name).add('DEPENDENCY_SCHEMA_ADDED', `${name} asks for another schema`)
    else place.at(name).compare(reading, written)
  }
}

/** Whether any property may stand beside those that are listed. */
function isOpen(model: ObjectModel): boolean {
  if (model.rest !== undefined || (model.patterns?.length ?? 0) > 0) return false
  return model.unevaluated === undefined || model.unevaluated.kind === 'empty' || model.unevaluated.kind === 'true'
}

/** The schema that a property must fit that is not listed itself. */
function coverOf(model: ObjectModel, name: string): Model | undefined {
  const pattern = model.patterns?.find(([one]) => one.test(name))
  if (pattern !== undefined) return pattern[1]
  if (model.rest !== undefined) return model.rest === false ? undefined : model.rest
  return model.unevaluated?.kind === 'false' ? undefined : model.unevaluated
}
