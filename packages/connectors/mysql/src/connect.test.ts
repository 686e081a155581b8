// database.ssl.mode against a server with a certificate and one without.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type Mysql, startMysql, type TemporaryFolder, temporaryFolder, whyNoMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { MYSQL_CONFIG } from './config.ts'
import { Server } from './server.ts'
import { propsFor, Run } from './testing/run.ts'

describe('encryption', { skip: whyNoMysql('mariadb-10.11') }, () => {
  let folder: TemporaryFolder
  let server: Mysql
  before(async () => {
    folder = await temporaryFolder('millrace-tls-')
    chmodSync(folder.path, 0o755)
    makeCertificates(folder)
    const settings = {
      'ssl-ca': folder.file('ca.pem'),
      'ssl-cert': folder.file('cert.pem'),
      'ssl-key': folder.file('key.pem'),
    }
    server = await startMysql({ settings })
    const { host, port, user, password } = server
    const sql = await createConnection({ host, port, user, password })
    await sql.query("CREATE USER 'tls' IDENTIFIED BY 'secret' REQUIRE SSL")
    await sql.query("GRANT ALL ON *.* TO 'tls'")
    await sql.query('CREATE TABLE inventory.t (id int PRIMARY KEY)')
    await sql.query('INSERT INTO inventory.t VALUES (1)')
    sql.destroy()
  })
  after(async () => {
    await server?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })
  const props = (mode: string, more: Readonly<Record<string, string>> = {}) => ({
    ...propsFor(server, folder.file('history.json')),
    'database.user': 'tls',
    'database.password': 'secret',
    'database.ssl.mode': mode,
    ...more,
  })
  const cipher = async (given: Readonly<Record<string, string>>): Promise<string> => {
    const one = await Server.connect(MYSQL_CONFIG.parse(given))
    try {
      return String((await one.one("SHOW STATUS LIKE 'Ssl_cipher'"))?.Value)
    } finally {
      one.close()
    }
  }
  const authority = () => ({ 'database.ssl.ca': folder.file('ca.pem') })

  it('encrypts with preferred and required, and not with disabled', async () => {
    for (const mode of ['preferred', 'required', 'trust']) assert.notEqual(await cipher(props(mode)), '', mode)
    await assert.rejects(cipher(props('disabled')), /Access denied/)
  })

  it('compares the certificate with the authority, and with the host', async () => {
    assert.notEqual(await cipher(props('verify_ca', authority())), '')
    await assert.rejects(cipher(props('verify_ca')), /certificate/)
    assert.notEqual(await cipher(props('verify_identity', { ...authority(), 'database.hostname': 'localhost' })), '')
  })

  it('reads tables and binlog encrypted', async () => {
    await using run = await Run.start(server, props('preferred'))
    await run.until((records) => records.length === 1)
    const { host, port, user, password } = server
    const sql = await createConnection({ host, port, user, password })
    await sql.query('INSERT INTO inventory.t VALUES (2)')
    sql.destroy()
    const records = await run.until((all) => all.length === 2)
    assert.deepEqual(
      records.map(({ key }) => key),
      [{ id: 1 }, { id: 2 }],
    )
  })

  it('goes without where the server has none, with preferred alone', async () => {
    await using plain = await startMysql({ settings: { ssl: '0' } })
    const given = (mode: string) => ({ ...propsFor(plain, folder.file('plain.json')), 'database.ssl.mode': mode })
    assert.equal(await cipher(given('preferred')), '')
    await assert.rejects(cipher(given('required')), /does not support secure connection/)
  })
})

function makeCertificates(folder: TemporaryFolder): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' })
  const subject = (name: string) => ['-nodes', '-newkey', 'rsa:2048', '-subj', `/CN=${name}`]
  openssl('req', '-x509', ...subject('authority'), '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-days', '2')
  openssl('req', ...subject('localhost'), '-keyout', 'key.pem', '-out', 'request.pem')
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca-key.pem',
    '-CAcreateserial',
    '-out',
    'cert.pem',
    '-days',
    '2',
  )
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) chmodSync(folder.file(name), 0o644)
}
