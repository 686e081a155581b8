// Validation as the herder does it: resolve, have the data plane look, learn what is secret, word what is wrong.
import { ConnectException, errorMessage, type Logger, type RawConfig } from '@millrace/api'
import { hasReference } from '../config/config-transformer.ts'
import { CONNECTOR_PREFIXES, OWN_CONNECTOR_CONFIG } from '../config/connector-config.ts'
import { isSecretKey } from '../config/secret-keys.ts'
import { SOURCE_DEAD_LETTER_CONFIG } from '../config/source-dead-letter-config.ts'
import { warnUnknownKeys } from '../config/unknown-keys.ts'
import type { SecretMask } from '../logging/mask.ts'
import type { ConfigInfos, ConfigValueInfo } from '../plane/messages.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { BadRequestException } from './errors.ts'
import type { Worker } from './worker.ts'

const HIDDEN = '[hidden]'

/** What validation needs. */
export interface ValidationParts {
  readonly worker: Worker
  readonly registry: PluginRegistry
  readonly mask: SecretMask
  readonly log: Logger
}

/** Validates a raw configuration. Values that came from references are shown as they were given. @throws BadRequestException */
export async function validateConfig(parts: ValidationParts, config: RawConfig): Promise<ConfigInfos> {
  requireKnownClass(parts, config)
  const { props } = await parts.worker.resolve(config)
  const infos = await parts.worker.validate(props)
  parts.mask.add(passwordsOf(infos, props))
  const masked = infos.configs.map(({ definition, value }) => ({
    definition,
    value: value === null ? null : shownValue(value, config, parts.mask),
  }))
  return { ...infos, configs: masked }
}

/** Throws for a configuration with errors; warns of keys that nobody knows. */
export function requireValid(parts: ValidationParts, name: string, config: RawConfig, infos: ConfigInfos): void {
  const names = new Set(infos.configs.flatMap((one) => (one.definition === null ? [] : [one.definition.name])))
  for (const own of [OWN_CONNECTOR_CONFIG, SOURCE_DEAD_LETTER_CONFIG]) for (const key of own.keys.keys()) names.add(key)
  warnUnknownKeys(parts.log, `connector ${name}`, config, { names, prefixes: CONNECTOR_PREFIXES })
  if (infos.error_count === 0) return
  const messages = infos.configs.flatMap((one) => one.value?.errors ?? [])
  throw new BadRequestException(
    `Connector configuration is invalid and contains the following ${infos.error_count} error(s):\n` +
      `${messages.join('\n')}\n` +
      'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  )
}

function requireKnownClass(parts: ValidationParts, config: RawConfig): void {
  const className = config['connector.class']
  if (className === null || className === undefined) {
    throw new BadRequestException(`Connector config ${javaMap(config, parts.mask)} contains no connector type`)
  }
  if (hasReference(className)) return
  try {
    parts.registry.connector(className.trim())
  } catch (error) {
    if (!(error instanceof ConnectException)) throw error
    throw new BadRequestException(errorMessage(error), { cause: error, configKey: 'connector.class' })
  }
}

/** Values of PASSWORD keys. */
function passwordsOf(infos: ConfigInfos, props: RawConfig): string[] {
  return infos.configs.flatMap(({ definition }) => {
    const value = definition?.type === 'PASSWORD' ? props[definition.name] : undefined
    return value === null || value === undefined ? [] : [value]
  })
}

function shownValue(value: ConfigValueInfo, config: RawConfig, mask: SecretMask): ConfigValueInfo {
  const raw = config[value.name]
  const errors = value.errors.map((error) => mask.mask(error))
  const shown = hasReference(raw) && value.value !== null && value.value !== HIDDEN ? (raw ?? null) : value.value
  return { ...value, value: shown, errors }
}

/** A map as Java prints it, secrets hidden. */
function javaMap(config: RawConfig, mask: SecretMask): string {
  const entries = Object.entries(config).map(([key, value]) => {
    const secret = value !== null && (isSecretKey(key) || /password|secret|token|credential/i.test(key))
    return `${key}=${secret ? HIDDEN : String(value)}`
  })
  return mask.mask(`{${entries.join(', ')}}`)
}
