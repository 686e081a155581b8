// Statements on which Debezium's connector of MariaDB stops, and this one goes on.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plugins } from '@millrace/connector-mysql'
import { startMysql, temporaryFolder, whyNoMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { type ConnectorType, startTask } from '../debezium-common/task.ts'
import { classOf, fileHistory, propsOf } from './props.ts'

const STATEMENTS = [
  `CREATE TABLE addresses (id int PRIMARY KEY, a inet4, b inet6, c text COMPRESSED, d blob COMPRESSED, e CHAR BYTE)`,
  `INSERT INTO addresses VALUES (1, '10.0.0.1', '::1', REPEAT('text ', 100), REPEAT(x'00', 100), 'x')`,
  'CREATE TABLE hashed (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4',
  'ALTER TABLE hashed ADD PARTITION PARTITIONS 2',
  'INSERT INTO hashed VALUES (1)',
  'CREATE TABLE replaced (a varchar(5), b int, c int)',
  'CREATE OR REPLACE TABLE replaced (id int PRIMARY KEY, z varchar(3))',
  `INSERT INTO replaced VALUES (1, 'z')`,
  'CREATE TABLE executed (id int PRIMARY KEY)',
  '/*!40000 ALTER TABLE executed ADD COLUMN b int */',
  'INSERT INTO executed VALUES (1, 2)',
]

describe('what Debezium stops at', { skip: whyNoMysql('mariadb-10.11') }, () => {
  it('is captured', async () => {
    await using server = await startMysql()
    await using folder = await temporaryFolder()
    const { host, port, user, password, database } = server
    const client = await createConnection({ host, port, user, password, database })
    await client.query('CREATE TABLE first_one (id int PRIMARY KEY)')
    await client.query('INSERT INTO first_one VALUES (1)')
    const type = await plugins.find((one) => one.className === classOf('mariadb-10.11'))?.load()
    await using run = await startTask(type as unknown as ConnectorType, propsOf(server, fileHistory(folder.file('h'))))
    const rowOf = (value: unknown) => (value as { after?: Record<string, unknown> } | null)?.after
    await run.until(({ topic }) => topic.endsWith('.first_one'))
    for (const one of STATEMENTS) await client.query(one)
    await run.until(({ topic }) => topic.endsWith('.executed'))
    client.destroy()
    const rows = run.records.filter(({ topic }) => topic.startsWith('ref.inventory.')).map(({ value }) => rowOf(value))
    assert.deepEqual(rows, [
      { id: 1 },
      { id: 1, c: 'text '.repeat(100), d: Buffer.alloc(100), e: Buffer.from('x') },
      { id: 1 },
      { id: 1, z: 'z' },
      { id: 1, b: 2 },
    ])
  })
})
