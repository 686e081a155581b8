// Keys of this project by which a source has a dead letter queue. Their names are those that the reference has for sinks; it has none for
// sources, so they are no part of a source's definition in the REST API.
import { type ConnectorProps, defineConfig } from '@millrace/api'

/** The keys. */
export const SOURCE_DEAD_LETTER_CONFIG = defineConfig({
  'errors.deadletterqueue.topic.name': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'Topic that gets what this source polled and could neither be transformed, converted nor written. Empty for none.',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    type: 'short',
    default: 3,
    importance: 'medium',
    doc: 'Replication factor of the dead letter queue topic when it has to be created.',
  },
  'errors.deadletterqueue.context.headers.enable': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether such records get headers that tell where they came from and what went wrong (__connect.errors.*).',
  },
})

/** The dead letter queue that a source asks for, or null. @throws ConfigException */
export function sourceDeadLetterConfig(props: ConnectorProps) {
  const config = SOURCE_DEAD_LETTER_CONFIG.parse(props)
  const topic = config['errors.deadletterqueue.topic.name'].trim()
  if (topic === '') return null
  return {
    topic,
    replicationFactor: config['errors.deadletterqueue.topic.replication.factor'],
    contextHeaders: config['errors.deadletterqueue.context.headers.enable'],
  }
}
