// Which keys hold secrets where no definition is at hand: the PASSWORD keys of Kafka's clients, under any prefix.
const SECRET_SUFFIXES = [
  'sasl.jaas.config',
  'sasl.oauthbearer.client.credentials.client.secret',
  'sasl.oauthbearer.assertion.private.key.passphrase',
  'ssl.key.password',
  'ssl.keystore.key',
  'ssl.keystore.password',
  'ssl.truststore.password',
  'basic.auth.user.info',
] as const

/** Values of well-known secret keys in `props`, whatever prefix they have. */
export function wellKnownSecrets(props: Readonly<Record<string, string | null | undefined>>): string[] {
  return Object.entries(props).flatMap(([key, value]) =>
    value != null && value !== '' && isSecretKey(key) ? secretParts(key, value) : [],
  )
}

/** True when the value of this key must not be shown. */
export function isSecretKey(key: string): boolean {
  return SECRET_SUFFIXES.some((suffix) => key === suffix || key.endsWith(`.${suffix}`))
}

/** A JAAS line is a secret as a whole, and so is each quoted password in it, which errors may name alone. */
function secretParts(key: string, value: string): string[] {
  if (!key.endsWith('sasl.jaas.config')) return [value]
  const passwords = [...value.matchAll(/(?:password|secret|clientSecret)\s*=\s*"((?:[^"\\]|\\.)*)"/gi)]
  return [value, ...passwords.map((match) => match[1] as string)]
}
