// Values of JSON without a schema: what the parser gives is already the value, once numbers kept as text are doubles.
import { NumberText } from './parser.ts'

/** The value of a node without a schema: objects stay objects, integers beyond 2^53 are bigints. */
export function schemalessValue(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node ?? null
  if (node instanceof NumberText) return Number(node.text)
  const members = node as Record<string | number, unknown>
  for (const name of Object.keys(node)) {
    const item = members[name]
    if (typeof item === 'object' && item !== null) members[name] = schemalessValue(item)
  }
  return node
}
