// The keys of Kafka's clients, loaded when a configuration overrides one.
import type { ClientOverride, ConfigDef } from '@millrace/api'

/** All keys of a kind of client. */
export async function clientDefinition(client: ClientOverride['client']): Promise<ConfigDef> {
  const kafka = await import('@millrace/kafka')
  return kafka.clientDefinition(client)
}
