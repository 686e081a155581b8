// The keys of converters that keep their schemas in a registry, with the reference's names and defaults.
// Source: https://docs.confluent.io/platform/current/schema-registry/sr-client-configs.html
import { atLeast, between, type ConfigSpec, defineConfig, type InferConfig } from '@millrace/api'
import { SSL_KEYS } from '@millrace/kafka/security'
import { CONVERTER_TYPE } from '../base.ts'
import { FRAMING_KEYS } from './framing-config.ts'
import { SUBJECT_KEYS } from './subject-names.ts'

/** Keys that have this prefix may stand without it, too, where the client reads them. */
export const CLIENT_PREFIX = 'schema.registry.'
/** Prefix of keys that name HTTP headers to send with each request. */
export const REQUEST_HEADER_PREFIX = 'request.header.'

const NO_EFFECT = 'Has no effect here: rules of data contracts are not run.'

const CONNECTION_KEYS = {
  'schema.registry.url': {
    type: 'list',
    importance: 'high',
    doc: 'URLs of the schema registry, with commas between them. When one does not answer the next one is asked.',
  },
  'schema.registry.url.randomize': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether to begin with a random one of the URLs, so that many clients share the load.',
  },
  'max.schemas.per.subject': {
    type: 'int',
    default: 1000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The maximum number of answers of the registry that are kept in memory, for each kind of question.',
  },
  'http.connect.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The longest wait for a connection to the registry, in milliseconds.',
  },
  'http.read.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The longest wait for an answer of the registry, in milliseconds.',
  },
  'max.retries': {
    type: 'int',
    default: 3,
    validator: atLeast(0),
    importance: 'low',
    doc: 'How often a request that failed in a way that may pass is sent again.',
  },
  'retries.wait.ms': {
    type: 'int',
    default: 1000,
    validator: atLeast(0),
    importance: 'low',
    doc: 'The longest wait before the first retry, in milliseconds. It doubles with every retry; the wait is a random part of it.',
  },
  'retries.max.wait.ms': {
    type: 'int',
    default: 20_000,
    validator: atLeast(0),
    importance: 'low',
    doc: 'The longest wait before any retry, in milliseconds.',
  },
  'proxy.host': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Host of an HTTP proxy through which the registry is reached. Empty for none.',
  },
  'proxy.port': { type: 'int', default: -1, importance: 'low', doc: 'Port of the HTTP proxy.' },
} as const satisfies ConfigSpec

const CACHE_KEYS = {
  'latest.cache.size': {
    type: 'int',
    default: 1000,
    validator: atLeast(0),
    importance: 'low',
    doc: 'The maximum number of latest versions that are kept in memory.',
  },
  'latest.cache.ttl.sec': {
    type: 'int',
    default: -1,
    importance: 'low',
    doc: 'For how many seconds the latest version of a subject is taken to be the latest one; -1 for as long as the converter lives.',
  },
  'missing.cache.size': {
    type: 'int',
    default: 10_000,
    validator: atLeast(0),
    importance: 'low',
    doc: 'The maximum number of schemas, ids and versions that are known not to exist and kept in memory.',
  },
  'missing.id.cache.ttl.sec': {
    type: 'long',
    default: 0,
    importance: 'low',
    doc: 'For how many seconds the registry is not asked again for an id that it did not know; 0 to ask each time.',
  },
  'missing.version.cache.ttl.sec': {
    type: 'long',
    default: 0,
    importance: 'low',
    doc: 'For how many seconds the registry is not asked again for a version that it did not know; 0 to ask each time.',
  },
  'missing.schema.cache.ttl.sec': {
    type: 'long',
    default: 0,
    importance: 'low',
    doc: 'For how many seconds the registry is not asked again for a schema that it did not know; 0 to ask each time.',
  },
} as const satisfies ConfigSpec

const AUTH_KEYS = {
  'basic.auth.credentials.source': {
    type: 'string',
    default: 'URL',
    importance: 'medium',
    doc: 'Where user and password come from: URL (http://user:password@host), USER_INFO (basic.auth.user.info) or SASL_INHERIT (sasl.jaas.config).',
  },
  'basic.auth.user.info': {
    type: 'password',
    default: '',
    importance: 'medium',
    doc: 'User and password as user:password. With basic.auth.credentials.source=USER_INFO.',
    aliases: ['schema.registry.basic.auth.user.info'],
  },
  'bearer.auth.credentials.source': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Where a bearer token comes from: STATIC_TOKEN (bearer.auth.token) or OAUTHBEARER (client credentials). Without it no token is sent.',
  },
  'bearer.auth.token': {
    type: 'password',
    default: '',
    importance: 'medium',
    doc: 'The bearer token. With bearer.auth.credentials.source=STATIC_TOKEN.',
  },
  'bearer.auth.issuer.endpoint.url': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Endpoint that gives access tokens for client credentials.',
  },
  'bearer.auth.client.id': { type: 'string', default: null, importance: 'medium', doc: 'Client id for the endpoint.' },
  'bearer.auth.client.secret': {
    type: 'password',
    default: null,
    importance: 'medium',
    doc: 'Client secret for the endpoint.',
  },
  'bearer.auth.scope': { type: 'string', default: null, importance: 'medium', doc: 'Scope to ask the endpoint for.' },
  'bearer.auth.scope.claim.name': {
    type: 'string',
    default: 'scope',
    importance: 'low',
    doc: 'Name of the claim with the scope. Has no effect here: tokens are not looked into.',
  },
  'bearer.auth.sub.claim.name': {
    type: 'string',
    default: 'sub',
    importance: 'low',
    doc: 'Name of the claim with the subject. Has no effect here: tokens are not looked into.',
  },
  'bearer.auth.identity.pool.id': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Identity pool, sent with each request that has a bearer token.',
  },
  'bearer.auth.logical.cluster': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Logical cluster of the registry, sent with each request that has a bearer token.',
  },
  'bearer.auth.cache.expiry.buffer.seconds': {
    type: 'short',
    default: 300,
    validator: between(0, 3600),
    importance: 'low',
    doc: 'How many seconds before the end of a token a new one is got.',
  },
  'bearer.auth.custom.provider.class': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'A class of the JVM that provides tokens. It cannot be loaded here, and is refused.',
  },
} as const satisfies ConfigSpec

const SCHEMA_KEYS = {
  'normalize.schemas': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the registry is to normalise schemas, so that order that has no meaning makes no new version.',
  },
  'auto.register.schemas': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether schemas of records to write are registered. Without it they must be in the registry already.',
  },
  'propagate.schema.tags': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether the registry is to give a new version the tags of the one before.',
  },
  'use.schema.id': {
    type: 'int',
    default: -1,
    importance: 'low',
    doc: 'Id of the schema to write with. Needs auto.register.schemas=false.',
  },
  'use.schema.guid': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'GUID of the schema to write with. Needs auto.register.schemas=false.',
  },
  'id.compatibility.strict': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether the schema of use.schema.id must be able to read what the record’s own schema writes.',
  },
  'use.latest.version': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether the latest version of the subject is the schema to write with, and to read with. For writing it needs auto.register.schemas=false.',
  },
  'use.latest.with.metadata': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'As use.latest.version, but the latest version that has these metadata properties: name=value, with commas between them.',
  },
  'latest.compatibility.strict': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether the latest version must be able to read what the record’s own schema writes.',
  },
  'schema.format': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Form in which the registry is to give schemas. Has no effect here: each converter asks for the form that it reads.',
  },
  'schema.reflection': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Has no effect here: there are no classes to look into.',
  },
  'execution.environment': { type: 'string', default: null, importance: 'medium', doc: NO_EFFECT },
  'rule.executors': { type: 'list', default: '', importance: 'low', doc: NO_EFFECT },
  'rule.actions': { type: 'list', default: '', importance: 'low', doc: NO_EFFECT },
  'rule.service.loader.enable': { type: 'boolean', default: true, importance: 'low', doc: NO_EFFECT },
} as const satisfies ConfigSpec

const CLIENT_SPEC = { ...CONNECTION_KEYS, ...CACHE_KEYS, ...AUTH_KEYS } as const satisfies ConfigSpec
const REGISTRY_SPEC = {
  'converter.type': CONVERTER_TYPE,
  ...CLIENT_SPEC,
  ...SCHEMA_KEYS,
  ...SUBJECT_KEYS,
  ...FRAMING_KEYS,
} as const satisfies ConfigSpec
/** TLS is set up from these without their prefix: their types need not be known here. */
const SSL_SPEC = SSL_KEYS.withPrefix(CLIENT_PREFIX).spec

/** The keys of the client alone, those of TLS beside the ones that the type names. */
export const CLIENT_CONFIG = defineConfig<typeof CLIENT_SPEC>({ ...CLIENT_SPEC, ...SSL_SPEC })

/** The keys of every converter that keeps its schemas in a registry, those of TLS beside the ones that the type names. */
export const REGISTRY_CONFIG = defineConfig<typeof REGISTRY_SPEC>({ ...REGISTRY_SPEC, ...SSL_SPEC })

/** Parsed values of {@link CLIENT_CONFIG}. */
export type ClientConfig = InferConfig<typeof CLIENT_CONFIG>
/** Parsed values of {@link REGISTRY_CONFIG}. */
export type RegistryConfig = InferConfig<typeof REGISTRY_CONFIG>
