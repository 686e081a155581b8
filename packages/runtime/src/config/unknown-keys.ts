// Keys that nobody knows: one warning each, with what was probably meant. Never an error, as in the reference.
import { type Logger, suggest } from '@millrace/api'

/** What counts as known. */
export interface KnownKeys {
  readonly names: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

/** Unknown keys of `props`, each with the nearest known names. */
export function unknownKeys(
  props: Readonly<Record<string, unknown>>,
  known: KnownKeys,
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const key of Object.keys(props)) {
    if (known.names.has(key) || known.prefixes.some((prefix) => key.startsWith(prefix))) continue
    found.set(key, suggest(key, known.names, 1))
  }
  return found
}

/** Warns once for each unknown key; `of` says whose configuration it is. The value is not shown: it may be a secret. */
export function warnUnknownKeys(
  log: Logger,
  of: string,
  props: Readonly<Record<string, unknown>>,
  known: KnownKeys,
): void {
  for (const [key, near] of unknownKeys(props, known)) {
    const hint = near.length === 0 ? '' : ` Did you mean '${near[0]}'?`
    log.warn(`The configuration of ${of} has the key '${key}', which is not known and has no effect.${hint}`, { key })
  }
}
