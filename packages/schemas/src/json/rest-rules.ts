// The rules for what stands beside the listed properties or items.
import type { Place } from './comparison.ts'
import type { Model } from './model.ts'

/** `additionalProperties`, `additionalItems`. @param stem how the names of findings begin */
export function compareRest(
  place: Place,
  stem: string,
  reading: Model | false | undefined,
  written: Model | false | undefined,
): void {
  if (written === false) return
  if (reading === false) place.add(`${stem}_REMOVED`, 'nothing else is allowed any more')
  else if (written === undefined && reading !== undefined)
    place.add(`${stem}_NARROWED`, 'not everything else is allowed any more')
  else place.compare(reading, written)
}

/** `unevaluatedProperties`, `unevaluatedItems`. @param stem how the names of findings begin */
export function compareUnevaluated(
  place: Place,
  stem: string,
  reading: Model | undefined,
  written: Model | undefined,
): void {
  if (reading === undefined || written?.kind === 'false') {
    if (written?.kind === 'false' && reading?.kind === 'false') place.compare(reading, written)
    return
  }
  if (reading.kind === 'false') place.add(`${stem}_REMOVED`, 'nothing else is allowed any more')
  else if (written === undefined || (isAnything(written) && !isAnything(reading))) {
    place.add(`${stem}_NARROWED`, 'not everything else is allowed any more')
  } else if (!isAnything(reading)) place.compare(reading, written)
}

function isAnything(model: Model): boolean {
  return model.kind === 'empty' || model.kind === 'true'
}
