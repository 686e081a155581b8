// Keeps secrets of configurations off the screen. A worker gives them back in plain text; a client must not show them.
import type { Config, ConnectApi } from './connect-api.ts'

/** What stands for a secret. */
export const HIDDEN = '[hidden]'

/** Keys whose names say that they hold a secret, under any prefix. */
const SECRET_NAME =
  /passw(or)?d|passphrase|secret(?!s?[._-]?(manager|name|id|arn|region))|jaas\.config$|credentials?([._-]json)?$|user\.info$|(^|[._-])(auth|access|api|sas|bearer|personal)?[._-]?tokens?$|(api|access|account|private|encryption|master|shared|keystore)[._-]?key$|connection[._-]?string$/i
/** Says where a secret is or how to treat one, and is none itself. */
const HARMLESS_NAME = /\.(class|type|path|file|location|url|algorithm|enable[d]?|mode|provider)$/i
/** The whole value is left to a config provider of the worker. */
const REFERENCE = /^(\$\{[^}]+\})+$/
const HARMLESS_VALUE = new Set(['', 'true', 'false', 'null', 'none'])

/** Tells secrets from other values of one configuration. */
export class SecretKeys {
  readonly #passwords: ReadonlySet<string>

  /** @param passwords keys that their definition calls PASSWORD */
  constructor(passwords: Iterable<string> = []) {
    this.#passwords = new Set(passwords)
  }

  /** True when the value of `key` must not be shown. */
  holdsSecret(key: string, value: string | null): boolean {
    if (value === null || HARMLESS_VALUE.has(value.trim().toLowerCase()) || REFERENCE.test(value.trim())) return false
    return this.#passwords.has(key) || (SECRET_NAME.test(key) && !HARMLESS_NAME.test(key))
  }

  /** The value as it may be shown. */
  shown(key: string, value: string | null): string | null {
    if (value === null) return null
    return this.holdsSecret(key, value) ? HIDDEN : withoutCredentials(value)
  }

  /** The configuration as it may be shown. */
  masked(config: Config): Config {
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, this.shown(key, value)]))
  }

  /** A text from elsewhere, a trace or a message, without the secrets of `config`. */
  maskText(text: string, config: Config): string {
    return Object.entries(config).reduce((at, [key, value]) => {
      const secret = value?.trim() ?? ''
      return secret.length > 3 && this.holdsSecret(key, secret) ? at.replaceAll(secret, HIDDEN) : at
    }, text)
  }
}

/**
 * The secret keys of configurations of a class: those that the worker's definition of the plugin calls PASSWORD, and all
 * whose names say so. A worker that cannot tell (before 3.2, or without the plugin) leaves the names.
 */
export async function secretKeysOf(api: ConnectApi, className: string | null | undefined): Promise<SecretKeys> {
  if (className == null || className === '') return new SecretKeys()
  const keys = await api.pluginConfig(className).catch(() => [])
  return new SecretKeys(keys.filter((key) => key.type === 'PASSWORD').map((key) => key.name))
}

/** Hides the password in an address, and those among its parameters. */
function withoutCredentials(value: string): string {
  return value
    .replace(/(:\/\/[^/\s:@]*):[^/\s@]+@/g, `$1:${HIDDEN}@`)
    .replace(/([?&;,]\s*(?:password|passwd|pwd|secret|token|sig|accountkey)=)[^&;,\s]+/gi, `$1${HIDDEN}`)
}
