// Chooses the SASL mechanism of a configuration and gives it the credentials of the login module.
import { ConfigException, type Logger } from '@millrace/api'
import type { SecurityValues } from '../config/security.ts'
import { type JaasEntry, parseJaasConfig } from './jaas.ts'
import { oauthTokens } from './oauth-login.ts'
import { oauthBearerMechanism } from './oauthbearer.ts'
import { plainMechanism } from './plain.ts'
import type { SaslMechanism } from './sasl.ts'
import { type ScramName, scramMechanism } from './scram.ts'

const MODULES = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
} as const
type MechanismName = keyof typeof MODULES
const SUPPORTED = Object.keys(MODULES).join(', ')
const JAAS = 'sasl.jaas.config'

/** @throws ConfigException naming the key at fault; secrets are never repeated */
export function createMechanism(values: SecurityValues, log?: Logger): SaslMechanism {
  refuseClass(values, 'sasl.login.class')
  refuseClass(values, 'sasl.client.callback.handler.class')
  const name = mechanismName(values['sasl.mechanism'])
  const jaas = values[JAAS]
  if (jaas === null) {
    throw new ConfigException(
      `${JAAS} is not set. ${values['security.protocol']} with ${name} needs it: ${MODULES[name]} required ...;`,
      { configKey: JAAS },
    )
  }
  const entry = parseJaasConfig(jaas.value)
  checkModule(entry, name)
  if (name === 'OAUTHBEARER') return oauthBearerMechanism(oauthTokens(values, entry.options, log))
  const username = required(entry, 'username')
  const password = required(entry, 'password')
  if (name === 'PLAIN') return plainMechanism(username, password)
  return scramMechanism(name satisfies ScramName, {
    username,
    password,
    tokenAuth: entry.options.get('tokenauth')?.toLowerCase() === 'true',
  })
}

function mechanismName(given: string): MechanismName {
  const name = given.trim().toUpperCase()
  if (name in MODULES) return name as MechanismName
  const why =
    name === 'GSSAPI'
      ? `Kerberos is not supported. Set sasl.mechanism to one of ${SUPPORTED} (GSSAPI is its default)`
      : `Expected one of ${SUPPORTED}`
  throw ConfigException.invalidValue('sasl.mechanism', given, why)
}

function checkModule(entry: JaasEntry, name: MechanismName): void {
  if (entry.loginModule === MODULES[name]) return
  throw ConfigException.invalidValue(
    JAAS,
    '[hidden]',
    `its login module is ${entry.loginModule}, but sasl.mechanism ${name} needs ${MODULES[name]}`,
  )
}

function required(entry: JaasEntry, option: string): string {
  const value = entry.options.get(option)
  if (value !== undefined && value !== '') return value
  throw ConfigException.invalidValue(JAAS, '[hidden]', `its login module has no option "${option}"`)
}

function refuseClass(values: SecurityValues, key: 'sasl.login.class' | 'sasl.client.callback.handler.class'): void {
  const value = values[key]
  if (value !== null) throw ConfigException.invalidValue(key, value, 'a JVM class cannot be loaded here')
}
