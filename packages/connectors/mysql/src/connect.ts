// How the configuration says to connect: where, as whom, how encrypted.
import { readFileSync } from 'node:fs'
import { ConfigException, errorMessage } from '@millrace/api'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise'
import type { Config } from './config.ts'

/** What says that a server does not encrypt, or only in ways of old that Node does not speak. */
const NO_ENCRYPTION = /^(HANDSHAKE_NO_SSL_SUPPORT|EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/

/** @throws ConfigException when a file of certificates cannot be read */
export function connectionOptions(config: Config): ConnectionOptions {
  const { 'database.hostname': host, 'database.port': port, 'database.user': user } = config
  const ssl = sslOf(config)
  return {
    host,
    port,
    user,
    password: config['database.password']?.value ?? '',
    connectTimeout: config['connect.timeout.ms'],
    charset: 'utf8mb4_general_ci',
    ...(ssl !== undefined && { ssl }),
  }
}

/** Connects; with `database.ssl.mode=preferred` without encryption where the server has none. */
export async function openConnection(options: ConnectionOptions, config: Config): Promise<Connection> {
  try {
    return await createConnection(options)
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (config['database.ssl.mode'] !== 'preferred' || !NO_ENCRYPTION.test(code ?? '')) throw error
    const { ssl: _, ...plain } = options
    return createConnection(plain)
  }
}

/** Certificates are looked at by the modes that say so alone: `preferred` and `required` encrypt and trust anybody. */
function sslOf(config: Config): Exclude<ConnectionOptions['ssl'], string> | undefined {
  const own = {
    ...file(config, 'database.ssl.cert', 'cert'),
    ...file(config, 'database.ssl.key', 'key'),
    ...file(config, 'database.ssl.ca', 'ca'),
  }
  switch (config['database.ssl.mode']) {
    case 'preferred':
    case 'required':
    case 'trust':
      return { ...own, rejectUnauthorized: false }
    case 'verify_ca':
    case 'verify-ca':
      return { ...own, rejectUnauthorized: true, verifyIdentity: false }
    case 'verify_identity':
    case 'verify-full':
      return { ...own, rejectUnauthorized: true, verifyIdentity: true }
    default:
      return undefined
  }
}

function file(
  config: Config,
  key: 'database.ssl.cert' | 'database.ssl.key' | 'database.ssl.ca',
  name: 'cert' | 'key' | 'ca',
): { readonly cert?: string; readonly key?: string; readonly ca?: string } {
  const path = config[key]
  if (path === null || path.trim() === '') return {}
  try {
    return { [name]: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw new ConfigException(`${key}: the file ${path} cannot be read: ${errorMessage(cause)}`, {
      cause,
      configKey: key,
    })
  }
}
