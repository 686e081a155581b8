// Every security protocol and mechanism against Apache Kafka, and what is said when the two sides do not fit.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TemporaryFolder, temporaryFolder, whyNoKafka } from '@millrace/testkit'
import { Admin } from '../admin/index.ts'
import { type Certificates, makeCertificates, read, STORE_PASSWORD, whyNoOpenssl } from './testing/certificates.ts'
import { MODULES, SESSION_MS, type SecuredKafka, startSecuredKafka, USER } from './testing/secured-kafka.ts'

const required = process.env.MILLRACE_REQUIRE_SERVICES === '1'
// A broker found running has no such listeners: this needs one of its own.
const missing = required ? undefined : (whyNoOpenssl() ?? (await whyNoOwnKafka()))

async function whyNoOwnKafka(): Promise<string | undefined> {
  const running = process.env.KAFKA_BOOTSTRAP
  delete process.env.KAFKA_BOOTSTRAP
  try {
    return await whyNoKafka()
  } finally {
    if (running !== undefined) process.env.KAFKA_BOOTSTRAP = running
  }
}

describe('security on Apache Kafka', { skip: missing, timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let made: Certificates
  let kafka: SecuredKafka
  before(async () => {
    folder = await temporaryFolder()
    made = await makeCertificates(folder.path)
    kafka = await startSecuredKafka(made)
  })
  after(async () => {
    await kafka?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })
  const trust = () => ({ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': made.authority })
  const open = (bootstrap: string, props: Readonly<Record<string, string>>) =>
    Admin.create({ 'bootstrap.servers': bootstrap, 'default.api.timeout.ms': '5000', ...props })
  const works = async (bootstrap: string, props: Readonly<Record<string, string>>) => {
    await using admin = open(bootstrap, props)
    assert.equal((await admin.describeCluster()).nodes.length, 1)
  }
  const fails = async (
    bootstrap: string,
    props: Readonly<Record<string, string>>,
    name: string,
    message: RegExp,
    timeoutMs = 5_000,
  ) => {
    await using admin = open(bootstrap, props)
    await assert.rejects(admin.describeCluster({ timeoutMs }), (error: Error) => {
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /wrong-secret|alice-secret/)
      assert.equal(error.name, name)
      return true
    })
  }
  const scram = (mechanism: string, password: string = USER.password) => ({
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `${MODULES.scram} required username="${USER.name}" password="${password}";`,
  })
  const plain = (password: string = USER.password) => ({
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${MODULES.plain} required username="${USER.name}" password="${password}";`,
  })
  const oauth = () => ({
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.jaas.config': `${MODULES.oauth} required unsecuredLoginStringClaim_sub="${USER.name}";`,
  })
  const overPlain = { 'security.protocol': 'SASL_PLAINTEXT' }
  const overTls = () => ({ 'security.protocol': 'SASL_SSL', ...trust() })

  it('PLAINTEXT', () => works(kafka.plain, {}))
  it('SSL', () => works(kafka.ssl, { 'security.protocol': 'SSL', ...trust() }))
  it('SSL with a client certificate, PKCS12 and PEM', async () => {
    const store = { 'ssl.keystore.location': made.client.store, 'ssl.keystore.password': STORE_PASSWORD }
    await works(kafka.mutual, { 'security.protocol': 'SSL', ...trust(), ...store })
    const pem = {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': read(made.client.key),
      'ssl.keystore.certificate.chain': read(made.client.certificate),
    }
    await works(kafka.mutual, { 'security.protocol': 'SSL', ...trust(), ...pem })
  })
  it('SASL_PLAINTEXT with each mechanism', async () => {
    for (const login of [plain(), scram('SCRAM-SHA-256'), scram('SCRAM-SHA-512'), oauth()]) {
      await works(kafka.sasl, { ...overPlain, ...login })
    }
  })
  it('SASL_SSL with each mechanism', async () => {
    for (const login of [plain(), scram('SCRAM-SHA-256'), scram('SCRAM-SHA-512'), oauth()]) {
      await works(kafka.saslSsl, { ...overTls(), ...login })
    }
  })

  it('says that credentials are refused, at once and without the password', async () => {
    for (const login of [plain('wrong-secret'), scram('SCRAM-SHA-512', 'wrong-secret')]) {
      const message = new RegExp(`refused the ${login['sasl.mechanism']} credentials of sasl\\.jaas\\.config: .+`)
      await fails(kafka.sasl, { ...overPlain, ...login }, 'SaslAuthenticationException', message)
    }
  })
  it('says that a token is refused', async () => {
    const expired = `${MODULES.oauth} required unsecuredLoginStringClaim_sub="a" unsecuredLoginLifetimeSeconds="-120";`
    const login = { ...oauth(), 'sasl.jaas.config': expired }
    await fails(kafka.sasl, { ...overPlain, ...login }, 'SaslAuthenticationException', /refused the OAUTHBEARER/)
  })
  it('says that a TLS listener is spoken to in plain', () =>
    fails(kafka.ssl, {}, 'SslAuthenticationException', /answered in TLS.*security\.protocol to SSL or SASL_SSL/))
  it('says that a plain listener is spoken to in TLS', () =>
    fails(
      kafka.plain,
      { 'security.protocol': 'SSL', ...trust() },
      'SslAuthenticationException',
      /a listener without TLS.*Set security\.protocol to PLAINTEXT or SASL_PLAINTEXT/,
    ))
  it('says that a SASL listener is spoken to without SASL', () =>
    fails(kafka.sasl, {}, 'TimeoutException', /wants authentication.*security\.protocol/, 500))
  it('says that a listener without SASL is spoken to with it', () =>
    fails(kafka.plain, { ...overPlain, ...plain() }, 'SaslAuthenticationException', /security\.protocol/))
  it('says that the authority of a certificate is not trusted, and which key to set', () =>
    fails(
      kafka.ssl,
      { 'security.protocol': 'SSL', 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': made.otherAuthority },
      'SslAuthenticationException',
      /not trusted.*ssl\.truststore\.location/,
    ))
  it('says that a certificate is for another name, and takes it when names are not checked', async () => {
    const props = { 'security.protocol': 'SSL', ...trust(), 'ssl.keystore.location': made.client.store }
    const own = { ...props, 'ssl.keystore.password': STORE_PASSWORD }
    const message = /certificate is not for 127\.0\.0\.1.*ssl\.endpoint\.identification/
    await fails(kafka.misnamed, own, 'SslAuthenticationException', message)
    await works(kafka.misnamed, { ...own, 'ssl.endpoint.identification.algorithm': '' })
  })
  it('says that the broker wants a client certificate', () =>
    fails(
      kafka.mutual,
      { 'security.protocol': 'SSL', ...trust() },
      'SslAuthenticationException',
      /client.*certificate.*ssl\.keystore\.location/i,
    ))
  it('says that a mechanism is not offered, and which are', () =>
    fails(
      kafka.reauth,
      { ...overPlain, ...oauth() },
      'SaslAuthenticationException',
      /does not accept sasl\.mechanism OAUTHBEARER; it offers .*SCRAM-SHA-256/,
    ))

  it('goes on over the end of a session without an error', async () => {
    await using admin = open(kafka.reauth, { ...overPlain, ...scram('SCRAM-SHA-256'), retries: '0' })
    // Time itself is what is tested here: two sessions must end meanwhile.
    const until = performance.now() + SESSION_MS * 2.5
    let calls = 0
    while (performance.now() < until) {
      await admin.describeCluster()
      calls++
      await sleep(20)
    }
    assert.ok(calls > 10)
  })

  it('names the permission that is missing', async () => {
    await using admin = open(kafka.sasl, { ...overPlain, ...scram('SCRAM-SHA-256') })
    const [topic] = await admin.createTopics([{ name: 'forbidden', numPartitions: 1 }])
    assert.equal(topic?.error?.name, 'TopicAuthorizationException')
    assert.match(
      topic?.error?.message ?? '',
      /^Creating topic forbidden failed: .*CREATE on topic forbidden is missing/,
    )
    assert.match(topic?.error?.context.action ?? '', /Grant the principal of this client CREATE on topic forbidden/)
    await assert.rejects(admin.groupOffsets('theirs'), (error: Error) => {
      assert.equal(error.name, 'GroupAuthorizationException')
      assert.match(error.message, /group theirs/)
      return true
    })
    const [config] = await admin.describeConfigs([{ type: 'topic', name: 'forbidden' }])
    assert.equal(config?.error?.name, 'TopicAuthorizationException')
    const [fenced] = await admin.fenceProducers(['their-tx'])
    assert.equal(fenced?.error?.name, 'TransactionalIdAuthorizationException')
  })
})
