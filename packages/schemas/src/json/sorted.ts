// JSON with the members of all objects in the order of their names: the normal form of a JSON schema.
import { isArray, isObject, type JsonNode } from '../json-text.ts'

/** The same value; members of objects are in the order of their names. */
export function sorted(node: JsonNode): JsonNode {
  if (isArray(node)) return node.map(sorted)
  if (!isObject(node)) return node
  const members = [...node].map(([name, value]): [string, JsonNode] => [name, sorted(value)])
  return new Map(members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
