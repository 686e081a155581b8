// Apache Kafka with a listener of every security protocol, and permissions that only the plain listener's users have.
import { type BrokerService, freePorts, type KafkaListener, startKafka } from '@millrace/testkit'
import { type Certificates, STORE_PASSWORD } from './certificates.ts'

const PACKAGE = 'org.apache.kafka.common.security.'
/** Login modules by mechanism. */
export const MODULES = {
  plain: `${PACKAGE}plain.PlainLoginModule`,
  scram: `${PACKAGE}scram.ScramLoginModule`,
  oauth: `${PACKAGE}oauthbearer.OAuthBearerLoginModule`,
} as const
/** The user that every mechanism knows. */
export const USER = { name: 'alice', password: 'alice-secret' } as const
/** After this time a session of the listener REAUTH must be authenticated anew (KIP-368). */
export const SESSION_MS = 2_000

/** Addresses by listener. */
export interface SecuredKafka extends AsyncDisposable {
  readonly plain: string
  readonly ssl: string
  /** TLS that asks the client for its certificate. */
  readonly mutual: string
  readonly sasl: string
  readonly saslSsl: string
  /** SASL without TLS, with sessions of {@link SESSION_MS}. */
  readonly reauth: string
  /** TLS with a certificate that does not name this host. */
  readonly misnamed: string
}

/** Starts it. */
export async function startSecuredKafka(made: Certificates): Promise<SecuredKafka> {
  const ports = await freePorts(6)
  const names = ['SSL', 'MUTUAL', 'SASL', 'SASLSSL', 'REAUTH', 'MISNAMED'] as const
  const protocols = ['SSL', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL', 'SASL_PLAINTEXT', 'SSL'] as const
  const listeners = Object.fromEntries(
    names.map((name, at): [string, KafkaListener] => {
      return [name, { port: ports[at] as number, protocol: protocols[at] as KafkaListener['protocol'] }]
    }),
  )
  const credentials = `[name=${USER.name},password=${USER.password}]`
  const kafka: BrokerService = await startKafka({
    own: true,
    listeners,
    scram: [`SCRAM-SHA-256=${credentials}`, `SCRAM-SHA-512=${credentials}`],
    properties: {
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': made.broker.store,
      'ssl.keystore.password': STORE_PASSWORD,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': made.authority,
      'listener.name.mutual.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'listener.name.misnamed.ssl.keystore.location': made.client.store,
      'listener.name.reauth.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
      'listener.name.reauth.connections.max.reauth.ms': String(SESSION_MS),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Users of the plain listener, and the client's certificate, may do everything; alice only what everyone may: nothing.
      'super.users': 'User:ANONYMOUS;User:CN=client',
      ...logins('sasl'),
      ...logins('saslssl'),
      ...logins('reauth'),
    },
  })
  const at = (place: number) => `127.0.0.1:${ports[place]}`
  return {
    plain: kafka.bootstrap,
    ssl: at(0),
    mutual: at(1),
    sasl: at(2),
    saslSsl: at(3),
    reauth: at(4),
    misnamed: at(5),
    [Symbol.asyncDispose]: () => kafka.stop(),
  }
}

function logins(listener: string): Record<string, string> {
  const prefix = `listener.name.${listener}.`
  return {
    [`${prefix}plain.sasl.jaas.config`]: `${MODULES.plain} required user_${USER.name}="${USER.password}";`,
    [`${prefix}scram-sha-256.sasl.jaas.config`]: `${MODULES.scram} required;`,
    [`${prefix}scram-sha-512.sasl.jaas.config`]: `${MODULES.scram} required;`,
    [`${prefix}oauthbearer.sasl.jaas.config`]: `${MODULES.oauth} required unsecuredLoginStringClaim_sub="broker";`,
  }
}
