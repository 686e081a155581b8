// What other clients of the house share with Kafka's: TLS from the `ssl.*` keys, tokens of OAuth, JAAS texts.
export { SSL_KEYS } from '../config/security.ts'
export { type JaasEntry, parseJaasConfig } from './jaas.ts'
export type { BearerToken, TokenSource } from './oauthbearer.ts'
export { tlsOptions } from './tls.ts'
export { cachedTokens } from './token-cache.ts'
export { fetchToken, type TokenEndpointOptions } from './token-endpoint.ts'
