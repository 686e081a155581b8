// snapshot.mode: what a start does, given what the offset says.

/** Values of `snapshot.mode`; the last four are old names or the history connectors' own. */
export const SNAPSHOT_MODES = [
  'always',
  'initial',
  'initial_only',
  'no_data',
  'when_needed',
  'recovery',
  'configuration_based',
  'schema_only',
  'schema_only_recovery',
  'never',
] as const
export type SnapshotMode = (typeof SNAPSHOT_MODES)[number]

/** What a task finds at its start. */
export interface StartState {
  /** An offset was stored. */
  readonly offsetExists: boolean
  /** The stored offset is of a snapshot that did not end. */
  readonly snapshotInProgress: boolean
  /** The log still holds the stored position; true without an offset. */
  readonly positionAvailable: boolean
}

/** The five switches of `snapshot.mode=configuration_based`. */
export interface SnapshotSwitches {
  readonly data: boolean
  readonly schema: boolean
  readonly stream: boolean
  readonly onSchemaError: boolean
  readonly onDataError: boolean
}

/** What to do. */
export interface SnapshotPlan {
  readonly data: boolean
  readonly schema: boolean
  readonly stream: boolean
  /** The position is gone and the mode does not allow to begin anew: the task must fail, not lose changes in silence. */
  readonly positionLost: boolean
}

/** The plan of a start. A snapshot that did not end is taken up again whatever the mode, save by the modes that read no rows. */
export function snapshotPlan(mode: SnapshotMode, at: StartState, switches: SnapshotSwitches): SnapshotPlan {
  const fresh = !at.offsetExists || at.snapshotInProgress
  const lost = at.offsetExists && !at.snapshotInProgress && !at.positionAvailable
  switch (mode) {
    case 'always':
      return { data: true, schema: true, stream: true, positionLost: false }
    case 'initial':
      return { data: fresh, schema: fresh, stream: true, positionLost: lost }
    case 'initial_only':
      return { data: fresh, schema: fresh, stream: false, positionLost: false }
    case 'when_needed':
      return { data: fresh || lost, schema: fresh || lost, stream: true, positionLost: false }
    case 'no_data':
    case 'schema_only':
    case 'never':
      return { data: false, schema: fresh && mode !== 'never', stream: true, positionLost: lost }
    case 'recovery':
    case 'schema_only_recovery':
      return { data: false, schema: true, stream: true, positionLost: lost }
    case 'configuration_based': {
      const again = lost && switches.onDataError
      const { data, schema, stream } = switches
      return {
        data: (fresh && data) || again,
        schema: (fresh && schema) || again,
        stream,
        positionLost: lost && !again,
      }
    }
  }
}
