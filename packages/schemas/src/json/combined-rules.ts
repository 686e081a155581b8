// The rules for combinations: each part of the smaller side needs a part of its own on the other.
import type { Place } from './comparison.ts'
import { largestMatching } from './matching.ts'
import type { CombinedModel, Model } from './model.ts'

export function compareCombined(place: Place, reader: CombinedModel, writer: CombinedModel): void {
  if (!sameOrWider(reader, writer)) {
    place.add('COMBINED_TYPE_CHANGED', `${writer.criterion} became ${reader.criterion}`)
    return
  }
  const reading = distinct(reader.parts)
  const written = distinct(writer.parts)
  if (written.length < reading.length && reader.criterion === 'allOf') {
    place.add('PRODUCT_TYPE_EXTENDED', 'more parts of allOf must fit than before')
  }
  if (written.length > reading.length && writer.criterion !== 'allOf') {
    place.add('SUM_TYPE_NARROWED', `${writer.criterion} has fewer alternatives than before`)
  }
  const fits = written.map((one) => reading.map((other) => place.fits(other, one)))
  if (largestMatching(fits) < Math.min(written.length, reading.length)) {
    place.add('COMBINED_TYPE_SUBSCHEMAS_CHANGED', `parts of ${writer.criterion} have no counterpart`)
  }
}

function sameOrWider(reader: CombinedModel, writer: CombinedModel): boolean {
  const [readerSingle, writerSingle] = [reader.parts.length === 1, writer.parts.length === 1]
  return (
    reader.criterion === writer.criterion ||
    reader.criterion === 'anyOf' ||
    (readerSingle && writerSingle) ||
    (writerSingle && reader.criterion === 'oneOf') ||
    (readerSingle && writer.criterion === 'allOf')
  )
}

function distinct(models: readonly Model[]): readonly Model[] {
  return [...new Map(models.map((one) => [one.text, one])).values()]
}
