// The jobs of change data capture, for any database: a snapshot of a table, and a backlog of changes read after a stop.
import { until } from '@millrace/testkit'
import { arrival, measure } from '../measure.ts'
import { type DatabaseJob, type DatabaseRun, jsonConverters } from './job.ts'

/** What a connector is to capture. */
export interface Capture {
  /** Names the connector and what it needs for itself in the database. */
  readonly id: string
  readonly table: string
  readonly snapshotMode: 'initial' | 'no_data'
  readonly bootstrap: string
}

/** A database as the jobs see it. Tables of orders have eight columns; `id` runs from 1. */
export interface CaptureDatabase extends AsyncDisposable {
  readonly title: string
  createOrders(table: string, rows: number): Promise<void>
  dropTable(table: string): Promise<void>
  /** Updates the first `rows` rows, in transactions of 500. */
  updateOrders(table: string, rows: number): Promise<void>
  /** Configuration of Debezium's connector, without converters. */
  config(capture: Capture): Readonly<Record<string, string>>
  /** Where the changes of a table arrive. */
  topic(capture: Pick<Capture, 'id' | 'table'>): string
  /** Whether changes are read now for the connector that was created last. */
  isRead(id: string): Promise<boolean>
  /** Removes what the connector leaves in the database. */
  forget(id: string): Promise<void>
}

const WARM_UP_SHARE = 0.1
const PATIENCE = { timeoutMs: 60_000, everyMs: 100 }

/** Rows that are there, from the creation of the connector until all are in Kafka. */
export function snapshotJob(database: CaptureDatabase, rows: number, schemas: boolean): DatabaseJob {
  const warmRows = Math.round(rows * WARM_UP_SHARE)
  return {
    name: `${database.title} snapshot${schemas ? ', JSON with schemas' : ''}`,
    prepare: async () => {
      await database.createOrders('orders', rows)
      await database.createOrders('orders_warm', warmRows)
    },
    run: async (run) => {
      await snapshot(run, 'orders_warm', warmRows)
      return snapshot(run, 'orders', rows)
    },
    clean: async () => {
      await database.dropTable('orders')
      await database.dropTable('orders_warm')
    },
  }

  async function snapshot({ id: runId, worker, place }: DatabaseRun, table: string, records: number) {
    const id = `${runId}_${table}`
    const capture: Capture = { id, table, snapshotMode: 'initial', bootstrap: place.bootstrap }
    await place.createTopic(database.topic(capture))
    const config = { ...database.config(capture), ...jsonConverters(schemas) }
    const result = await measure(worker, {
      name: id,
      records,
      begin: () => worker.createConnector(id, config),
      arrived: () => place.endOffset(database.topic(capture)),
    })
    await worker.deleteConnector(id)
    await database.forget(id)
    return result
  }
}

/** Changes that were made while the connector was stopped, from its resumption until all are in Kafka. */
export function streamJob(database: CaptureDatabase, changes: number): DatabaseJob {
  const warmChanges = Math.round(changes * WARM_UP_SHARE)
  return {
    name: `${database.title} stream`,
    prepare: () => database.createOrders('changing', changes),
    run: async ({ id, worker, place }) => {
      const capture: Capture = { id, table: 'changing', snapshotMode: 'no_data', bootstrap: place.bootstrap }
      const topic = database.topic(capture)
      await place.createTopic(topic)
      await worker.createConnector(id, { ...database.config(capture), ...jsonConverters(false) })
      await until('a reader of changes', () => database.isRead(id), PATIENCE)
      await database.updateOrders('changing', warmChanges)
      await arrival(`${id}, warming up`, warmChanges, () => place.endOffset(topic))
      await worker.stopConnector(id)
      await database.updateOrders('changing', changes)
      const before = await place.endOffset(topic)
      const result = await measure(worker, {
        name: id,
        records: changes,
        begin: () => worker.resumeConnector(id),
        arrived: async () => (await place.endOffset(topic)) - before,
      })
      await worker.deleteConnector(id)
      await database.forget(id)
      return result
    },
    clean: () => database.dropTable('changing'),
  }
}
