// The reference's policies on which client settings a connector may override (KIP-458, KIP-1188).
import { type ClientConfigOverridePolicy, type ClientOverride, parseConfigValue, type RawConfig } from '@millrace/api'

const PRINCIPAL_KEYS = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'])

function refused(policy: string, key: string): string {
  return `The '${policy}' policy does not allow '${key}' to be overridden in the connector configuration.`
}

/** Allows everything: the default. */
export class AllOverridePolicy implements ClientConfigOverridePolicy {
  configure(): void {}
  check(): undefined {
    return undefined
  }
}

/** Allows nothing. */
export class NoneOverridePolicy implements ClientConfigOverridePolicy {
  configure(): void {}
  check(override: ClientOverride): string {
    return refused('None', override.key)
  }
}

/** Allows a connector to sign in as another user, nothing else. */
export class PrincipalOverridePolicy implements ClientConfigOverridePolicy {
  configure(): void {}
  check(override: ClientOverride): string | undefined {
    return PRINCIPAL_KEYS.has(override.key) ? undefined : refused('Principal', override.key)
  }
}

/** Allows what `connector.client.config.override.allowlist` of the worker lists. */
export class AllowlistOverridePolicy implements ClientConfigOverridePolicy {
  #allowed: ReadonlySet<string> = new Set()

  configure(configs: RawConfig): void {
    const key = 'connector.client.config.override.allowlist'
    this.#allowed = new Set(parseConfigValue(key, 'list', configs[key] ?? '') ?? [])
  }
  check(override: ClientOverride): string | undefined {
    return this.#allowed.has(override.key) ? undefined : refused('Allowlist', override.key)
  }
}
