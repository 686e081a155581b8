// Whether a sink's consumers would join the group of the workers themselves: its members could not understand each other.
import type { RawConfig } from '@millrace/api'

const OVERRIDE = 'consumer.override.group.id'

/** What is wrong with the consumer group of a sink, by key. Only distributed workers have a group. */
export function sinkGroupProblems(
  props: RawConfig,
  workerProps: RawConfig,
): readonly { readonly key: string; readonly message: string }[] {
  // Its own group is a distributed worker's that keeps configurations in Kafka; elsewhere the key means nothing.
  const group = workerProps['config.storage.topic'] === undefined ? undefined : workerProps['group.id']
  if (group === undefined || group === null) return []
  const override = props[OVERRIDE]
  if (override !== undefined) {
    return override === group
      ? [{ key: OVERRIDE, message: `Consumer group ${override} conflicts with Connect worker group ${group}` }]
      : []
  }
  if ((workerProps['consumer.group.id'] ?? `connect-${props.name}`) !== group) return []
  const message = `Consumer group for sink connector named ${props.name} conflicts with Connect worker group ${group}`
  return [{ key: 'name', message }]
}
