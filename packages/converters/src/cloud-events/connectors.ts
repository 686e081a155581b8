// What the events of each of Debezium's connectors have of their own: what their id is made of, and what their data is.

/** A connector, as events see it. */
export interface ConnectorKind {
  /** As `source.connector` has it. */
  readonly name: string
  /** Parts of an event's id: the label and the field of the source. */
  readonly id: readonly (readonly [label: string, field: string])[]
  /** Fields of the record that are the event's data; null for all. */
  readonly data: readonly string[] | null
}

const ROWS = ['before', 'after']
const NAME = ['name', 'name'] as const

function kind(name: string, fields: readonly string[], data: readonly string[] | null = ROWS): ConnectorKind {
  return { name, id: [NAME, ...fields.map((field) => [field, field] as const)], data }
}

const MONGO: ConnectorKind = {
  name: 'mongodb',
  id: [NAME, ['ts', 'ts_ms'], ['ord', 'ord']],
  data: [...ROWS, 'updateDescription'],
}

/** The connectors that the reference has events for, by name. */
export const CONNECTORS: ReadonlyMap<string, ConnectorKind> = new Map(
  [
    kind('mysql', ['file', 'pos']),
    kind('mariadb', ['file', 'pos'], null),
    kind('postgresql', ['lsn', 'txId', 'sequence']),
    kind('sqlserver', ['change_lsn', 'commit_lsn', 'event_serial_no']),
    kind('oracle', ['scn', 'commit_scn', 'lcr_position']),
    MONGO,
  ].map((one) => [one.name, one]),
)
