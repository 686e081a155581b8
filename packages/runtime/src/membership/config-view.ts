// What membership needs to know of the cluster's configuration: which work there is, and as of which offset.
import type { TaskId } from '../plane/messages.ts'

/** An immutable view of the config topic. A cluster config state that has these three members fits as it is. */
export interface ConfigView {
  /** Offset up to which the config topic was read; -1 when it is empty. */
  readonly offset: number
  /** Names of all configured connectors, stopped and paused ones too. */
  connectors(): Iterable<string>
  /** Tasks of a connector; none while its task configurations are incomplete. */
  tasks(connector: string): Iterable<TaskId>
}
