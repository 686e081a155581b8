// Which drafts of JSON Schema are read in the newer way.
import { isObject, type JsonNode } from '../json-text.ts'

const MODERN = /^https?:\/\/json-schema\.org\/draft\/(?:2019-09|2020-12)\/schema#?$/

/** True for texts that name draft 2019-09 or 2020-12 in `$schema`. */
export function isModern(root: JsonNode): boolean {
  const dialect = isObject(root) ? root.get('$schema') : undefined
  return typeof dialect === 'string' && MODERN.test(dialect)
}
