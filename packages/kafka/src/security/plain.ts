// SASL PLAIN (RFC 4616): one message with the user's name and password, each after a zero byte.
import type { SaslMechanism } from './sasl.ts'

export function plainMechanism(username: string, password: string): SaslMechanism {
  const message = Buffer.from(`\0${username}\0${password}`, 'utf8')
  return Object.freeze({ name: 'PLAIN', start: () => ({ first: () => message, next: () => null }) })
}
