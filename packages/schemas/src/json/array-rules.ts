// The rules for arrays: items one by one, and what may follow them.
import type { Place } from './comparison.ts'
import type { ArrayModel, Model } from './model.ts'
import { compareRest, compareUnevaluated } from './rest-rules.ts'
import { compareLower, compareUpper } from './scalar-rules.ts'

export function compareArrays(place: Place, reader: ArrayModel, writer: ArrayModel): void {
  place.at('items').compare(reader.each, writer.each)
  compareFirst(place, reader, writer)
  compareRest(place.at('additionalItems'), 'ADDITIONAL_ITEMS', reader.rest, writer.rest)
  compareUnevaluated(place.at('unevaluatedItems'), 'UNEVALUATED_ITEMS', reader.unevaluated, writer.unevaluated)
  compareUpper(place, 'maxItems', reader, writer)
  compareLower(place, 'minItems', reader, writer)
  if (reader.unique === true && writer.unique !== true)
    place.at('uniqueItems').add('UNIQUE_ITEMS_ADDED', 'items must differ now')
  compareUpper(place, 'maxContains', reader, writer)
  compareLower(place, 'minContains', reader, writer)
}

function compareFirst(place: Place, reader: ArrayModel, writer: ArrayModel): void {
  const reading = reader.first ?? []
  const written = writer.first ?? []
  for (let index = 0; index < Math.max(reading.length, written.length); index++) {
    const at = place.at(`items/${index}`)
    const [ours, theirs] = [reading[index], written[index]]
    if (ours === undefined) removed(at, theirs as Model, reader)
    else if (theirs === undefined) added(at, ours, writer)
    else at.compare(ours, theirs)
  }
}

function removed(place: Place, written: Model, reader: ArrayModel): void {
  if (isOpen(reader)) return
  const cover = coverOf(reader)
  if (cover === undefined) {
    if (written.kind !== 'false')
      place.add('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', 'an item was removed, and no others are allowed')
  } else if (!place.fits(cover, written)) {
    place.compare(cover, written)
    place.add(
      'ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
      'an item was removed, and does not fit the schema of further ones',
    )
  }
}

function added(place: Place, reading: Model, writer: ArrayModel): void {
  if (isOpen(writer)) {
    if (reading.kind !== 'empty' && reading.kind !== 'true')
      place.add('ITEM_ADDED_TO_OPEN_CONTENT_MODEL', 'an item was added, and could have been anything before')
    return
  }
  const cover = coverOf(writer)
  if (cover === undefined || place.fits(reading, cover)) return
  place.compare(reading, cover)
  place.add(
    'ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    'an item was added, and could have been something else before',
  )
}

function isOpen(model: ArrayModel): boolean {
  if (model.rest !== undefined) return false
  return model.unevaluated === undefined || model.unevaluated.kind === 'empty' || model.unevaluated.kind === 'true'
}

/** The schema that an item must fit that is not listed itself. */
function coverOf(model: ArrayModel): Model | undefined {
  if (model.rest !== undefined) return model.rest === false ? undefined : model.rest
  return model.unevaluated?.kind === 'false' ? undefined : model.unevaluated
}
