// Paths to fields: the name of a top-level field (V1), or names joined by dots (V2, KIP-821).
import { ConfigException, oneOfIgnoringCase } from '@millrace/api'

/** KIP-821. */
export const FIELD_SYNTAX = {
  'field.syntax.version': {
    type: 'string',
    default: 'V1',
    importance: 'high',
    validator: oneOfIgnoringCase('V1', 'V2'),
    doc:
      'How fields are named: V1 takes a name as it stands, a field of the top level; V2 takes dots as steps into nested ' +
      'structs and maps. A name that has dots itself stands between backticks: `foo.bar`.baz',
  },
} as const

/**
 * The names along a path. A backtick at the start of a step opens a quoted name, which ends at the next backtick before a dot
 * or the end; a backslash before such a backtick makes it part of the name.
 * @throws ConfigException for a quoted name without an end
 */
export function parseFieldPath(path: string, version: string): readonly string[] {
  if (version.toUpperCase() !== 'V2') return [path]
  const steps: string[] = []
  let at = 0
  while (at < path.length) {
    if (path[at] === '`') {
      const [name, next] = quotedStep(path, at)
      steps.push(name)
      at = next
    } else {
      const dot = path.indexOf('.', at)
      steps.push(path.slice(at, dot < 0 ? path.length : dot))
      at = dot < 0 ? path.length : dot + 1
    }
  }
  if (path === '' || path.endsWith('.')) steps.push('')
  return steps
}

function quotedStep(path: string, open: number): [name: string, next: number] {
  let name = ''
  let from = open + 1
  for (let at = path.indexOf('`', from); at >= 0; at = path.indexOf('`', at + 1)) {
    const isLast = at === path.length - 1
    const escaped = path[at - 1] === '\\'
    if (!isLast && path[at + 1] !== '.') continue
    if (!escaped) return [name + path.slice(from, at), at + 2]
    if (isLast) break
    name += `${path.slice(from, at - 1)}\``
    from = at + 1
  }
  throw new ConfigException(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${open} to escape it`,
    { configKey: 'field' },
  )
}
