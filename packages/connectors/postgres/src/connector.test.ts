// Validation: what is refused before anything is captured.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startPostgres, whyNoPostgres } from '@millrace/testkit'
import { PostgresConnector } from './connector.ts'
import { propsOf } from './testing/task.ts'

const errorsOf = async (props: Record<string, string>) =>
  (await new PostgresConnector().validate(props)).flatMap((one) => one.errors.map((error) => `${one.name}: ${error}`))

describe('PostgresConnector refuses', () => {
  const props = propsOf({ url: 'postgres://u:p@127.0.0.1:1/d' })

  it('what it does not do, and what cannot be', async () => {
    const errors = async (more: Record<string, string>) => (await errorsOf({ ...props, ...more })).join()
    assert.match(await errors({ converters: 'mine' }), /converters is not supported here/)
    assert.match(await errors({ 'signal.enabled.channels': 'source,kafka' }), /signal\.enabled\.channels: .*kafka/)
    assert.match(
      await errors({ 'notification.enabled.channels': 'sink' }),
      /notification\.sink\.topic\.name: A topic is needed/,
    )
    const hash = { 'column.mask.hash.NO-SUCH.with.salt.x': 'public.t.secret' }
    assert.match(await errors(hash), /Unknown hash algorithm NO-SUCH/)
    assert.throws(() => new PostgresConnector().start({ ...props, ...hash }), /Unknown hash algorithm NO-SUCH/)
    const regex = { 'topic.naming.strategy': 'io.debezium.schema.SchemaRegexTopicNamingStrategy' }
    assert.match(await errors(regex), /Missing required configuration "topic.regex"/)
  })

  it('lists that exclude each other, names that cannot be, expressions that are none', async () => {
    const errors = (
      await errorsOf({
        ...props,
        'table.include.list': 'a',
        'table.exclude.list': 'b',
        'slot.name': 'Slot',
        'column.include.list': '(',
      })
    ).join('\n')
    assert.match(errors, /table\.exclude\.list: .*"table\.include\.list" is already specified/)
    assert.match(errors, /slot\.name: .*lower-case letters/)
    assert.match(errors, /column\.include\.list: /)
  })

  it('a server that does not answer', async () => {
    assert.match(
      (await errorsOf(props)).join(),
      /database\.hostname: Cannot connect to PostgreSQL at 127\.0\.0\.1:1\/d/,
    )
  })

  it('a server without logical decoding', { skip: whyNoPostgres(18) }, async () => {
    await using postgres = await startPostgres({ version: 18, settings: { wal_level: 'replica' } })
    assert.match((await errorsOf(propsOf(postgres))).join(), /wal_level is 'replica', and has to be 'logical'/)
  })
})
