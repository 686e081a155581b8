// Client configuration of security: the Java client's `security.protocol`, `ssl.*` and `sasl.*` keys with its defaults.
import { atLeast, between, defineConfig, type InferConfig, oneOfIgnoringCase } from '@millrace/api'

/** Keys of TLS. */
export const SSL_KEYS = defineConfig({
  'ssl.truststore.type': {
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    doc: 'PEM or PKCS12. The kind of a file is also recognized from its content. JKS must be converted to PKCS12 once.',
  },
  'ssl.truststore.location': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'File with the certificates that are trusted. Without it, the authorities that Node.js knows are trusted.',
  },
  'ssl.truststore.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Password of a PKCS12 truststore. Without it the integrity of the file is not checked.',
  },
  'ssl.truststore.certificates': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The trusted certificates themselves, in PEM. With ssl.truststore.type=PEM.',
  },
  'ssl.keystore.type': {
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    doc: 'PEM or PKCS12. The kind of a file is also recognized from its content. JKS must be converted to PKCS12 once.',
  },
  'ssl.keystore.location': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'File with the private key and the certificate chain of this client, where brokers ask for one.',
  },
  'ssl.keystore.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Password of a PKCS12 keystore. Not used with PEM: there it is ssl.key.password.',
  },
  'ssl.keystore.key': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The private key itself, in PEM (PKCS#8). With ssl.keystore.type=PEM.',
  },
  'ssl.keystore.certificate.chain': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The certificate chain itself, in PEM, own certificate first. With ssl.keystore.type=PEM.',
  },
  'ssl.key.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Password of the private key, where it has one of its own.',
  },
  'ssl.protocol': {
    type: 'string',
    default: 'TLSv1.3',
    importance: 'medium',
    doc: 'Newest TLS version to use. ssl.enabled.protocols bounds it further.',
  },
  'ssl.enabled.protocols': {
    type: 'list',
    default: 'TLSv1.2,TLSv1.3',
    importance: 'medium',
    doc: 'TLS versions that may be used.',
  },
  'ssl.cipher.suites': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Cipher suites that may be used, by their names in Java or in OpenSSL. Without it, the defaults of Node.js.',
  },
  'ssl.endpoint.identification.algorithm': {
    type: 'string',
    default: 'https',
    importance: 'low',
    doc: 'https: the name of the broker must be in its certificate. Empty: it need not be.',
  },
  'ssl.engine.factory.class': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: 'A JVM class; refused, because it cannot be loaded here.',
  },
  'ssl.provider': { type: 'string', default: null, importance: 'medium', doc: 'A JVM provider; has no effect.' },
  'ssl.keymanager.algorithm': { type: 'string', default: null, importance: 'low', doc: 'Of the JVM; has no effect.' },
  'ssl.trustmanager.algorithm': { type: 'string', default: null, importance: 'low', doc: 'Of the JVM; has no effect.' },
  'ssl.secure.random.implementation': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Of the JVM; has no effect.',
  },
})

export type SslValues = InferConfig<typeof SSL_KEYS>

/** Keys of SASL. */
export const SASL_KEYS = defineConfig({
  'security.protocol': {
    type: 'string',
    default: 'PLAINTEXT',
    importance: 'medium',
    validator: oneOfIgnoringCase('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    doc: 'How brokers are spoken to: with or without TLS (SSL), with or without authentication (SASL).',
  },
  'sasl.mechanism': {
    type: 'string',
    default: 'GSSAPI',
    importance: 'medium',
    doc: 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER. GSSAPI (Kerberos), the default of the Java client, is not supported.',
  },
  'sasl.jaas.config': {
    type: 'password',
    default: null,
    importance: 'medium',
    doc: 'Login module and credentials in the JAAS format: `LoginModuleClass required username="..." password="...";`',
  },
  'sasl.client.callback.handler.class': {
    type: 'class',
    default: null,
    importance: 'medium',
    doc: 'A JVM class; refused, because it cannot be loaded here.',
  },
  'sasl.login.callback.handler.class': {
    type: 'class',
    default: null,
    importance: 'medium',
    doc: 'Only the two OAUTHBEARER handlers that come with the Java client are known here.',
  },
  'sasl.login.class': {
    type: 'class',
    default: null,
    importance: 'medium',
    doc: 'A JVM class; refused, because it cannot be loaded here.',
  },
  'sasl.login.connect.timeout.ms': {
    type: 'int',
    default: null,
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest time in milliseconds to connect to the token endpoint. 10 s without it.',
  },
  'sasl.login.read.timeout.ms': {
    type: 'int',
    default: null,
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest time in milliseconds to wait for the answer of the token endpoint. 30 s without it.',
  },
  'sasl.login.retry.backoff.ms': {
    type: 'long',
    default: '100',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Wait in milliseconds before the token endpoint is asked again; doubled with each failure.',
  },
  'sasl.login.retry.backoff.max.ms': {
    type: 'long',
    default: '10000',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest wait in milliseconds between attempts at the token endpoint; also the end of all retries.',
  },
  'sasl.login.refresh.window.factor': {
    type: 'double',
    default: '0.8',
    importance: 'low',
    validator: between(0.5, 1),
    doc: 'Part of a token’s lifetime after which a new one is asked for.',
  },
  'sasl.login.refresh.window.jitter': {
    type: 'double',
    default: '0.05',
    importance: 'low',
    validator: between(0, 0.25),
    doc: 'Random part of a token’s lifetime added to the refresh window.',
  },
  'sasl.login.refresh.min.period.seconds': {
    type: 'short',
    default: '60',
    importance: 'low',
    validator: between(0, 900),
    doc: 'Least time in seconds between two tokens, where the lifetime allows it.',
  },
  'sasl.login.refresh.buffer.seconds': {
    type: 'short',
    default: '300',
    importance: 'low',
    validator: between(0, 3600),
    doc: 'Time in seconds before a token expires by which a new one should be there, where the lifetime allows it.',
  },
})

export type SaslValues = InferConfig<typeof SASL_KEYS>

/** Keys of OAUTHBEARER. */
export const OAUTH_KEYS = defineConfig({
  'sasl.oauthbearer.token.endpoint.url': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Where tokens come from: an http(s) URL asked with client credentials, or a file: URL of a file with the token.',
  },
  'sasl.oauthbearer.client.credentials.client.id': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Client id for the token endpoint; `clientId` of sasl.jaas.config otherwise.',
  },
  'sasl.oauthbearer.client.credentials.client.secret': {
    type: 'password',
    default: null,
    importance: 'medium',
    doc: 'Client secret for the token endpoint; `clientSecret` of sasl.jaas.config otherwise.',
  },
  'sasl.oauthbearer.scope': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Scope to ask for; `scope` of sasl.jaas.config otherwise.',
  },
  'sasl.oauthbearer.header.urlencode': {
    type: 'boolean',
    default: 'false',
    importance: 'low',
    doc: 'Whether client id and secret are URL-encoded before they go into the Authorization header (RFC 6749).',
  },
  'sasl.oauthbearer.scope.claim.name': {
    type: 'string',
    default: 'scope',
    importance: 'low',
    doc: 'Claim of the token that holds its scope.',
  },
  'sasl.oauthbearer.sub.claim.name': {
    type: 'string',
    default: 'sub',
    importance: 'low',
    doc: 'Claim of the token that holds the principal.',
  },
  'sasl.oauthbearer.jwt.retriever.class': {
    type: 'class',
    default: null,
    importance: 'medium',
    doc: 'How tokens are got: the default, client-credentials and file retrievers of the Java client are known here.',
  },
})

export type OauthValues = InferConfig<typeof OAUTH_KEYS>

/** Every security key of a client. */
export const SECURITY_KEYS = SASL_KEYS.merge(SSL_KEYS).merge(OAUTH_KEYS)

export type SecurityValues = InferConfig<typeof SECURITY_KEYS>

/** Security keys of the Java client that no part of a client here reads: Kerberos, and the broker's side of OAUTHBEARER. */
export const SECURITY_KEYS_WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'sasl.kerberos.kinit.cmd',
  'sasl.kerberos.min.time.before.relogin',
  'sasl.kerberos.service.name',
  'sasl.kerberos.ticket.renew.jitter',
  'sasl.kerberos.ticket.renew.window.factor',
  'sasl.oauthbearer.assertion.algorithm',
  'sasl.oauthbearer.assertion.claim.aud',
  'sasl.oauthbearer.assertion.claim.exp.seconds',
  'sasl.oauthbearer.assertion.claim.iss',
  'sasl.oauthbearer.assertion.claim.jti.include',
  'sasl.oauthbearer.assertion.claim.nbf.seconds',
  'sasl.oauthbearer.assertion.claim.sub',
  'sasl.oauthbearer.assertion.file',
  'sasl.oauthbearer.assertion.private.key.file',
  'sasl.oauthbearer.assertion.private.key.passphrase',
  'sasl.oauthbearer.assertion.template.file',
  'sasl.oauthbearer.clock.skew.seconds',
  'sasl.oauthbearer.expected.audience',
  'sasl.oauthbearer.expected.issuer',
  'sasl.oauthbearer.jwks.endpoint.refresh.ms',
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms',
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms',
  'sasl.oauthbearer.jwks.endpoint.url',
  'sasl.oauthbearer.jwt.validator.class',
])
