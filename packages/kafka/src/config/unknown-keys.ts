// One warning for all keys that a client does not know, each with the nearest key that exists.
import { type ConfigDef, type RawConfig, suggest } from '@millrace/api'
import { KEYS_WITHOUT_EFFECT } from './common.ts'
import { SECURITY_KEYS_WITHOUT_EFFECT } from './security.ts'

/** The warning for keys that a client does not know, or undefined when it knows all. */
export function unknownKeysWarning(what: string, def: ConfigDef, props: RawConfig): string | undefined {
  const unknown = def.unknownKeys(props).filter((key) => !hasNoEffect(key))
  if (unknown.length === 0) return undefined
  const named = unknown.map((key) => {
    const [near] = suggest(key, def.keys.keys(), 1)
    return near === undefined ? `"${key}"` : `"${key}" (did you mean "${near}"?)`
  })
  const [subject, verb] = unknown.length === 1 ? ['This key is', 'has'] : ['These keys are', 'have']
  return `${subject} not known to the Kafka ${what} and ${verb} no effect: ${named.join(', ')}`
}

function hasNoEffect(key: string): boolean {
  return KEYS_WITHOUT_EFFECT.has(key) || SECURITY_KEYS_WITHOUT_EFFECT.has(key)
}
