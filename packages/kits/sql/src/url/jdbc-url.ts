// Reads `jdbc:` URLs as users of the JVM's drivers write them.
import { ConfigException } from '@millrace/api'

/** A host of a URL; port null where none is written. */
export interface JdbcHost {
  readonly host: string
  readonly port: number | null
}

/** What a `jdbc:` URL says. Property names keep the case they are written in; look them up with {@link property}. */
export interface JdbcUrl {
  /** `postgresql`, `mysql`, `mariadb`, `sqlite`, or the word of a database that is not supported. */
  readonly subprotocol: string
  /** In the order written; empty for a file and for `jdbc:postgresql:db`. */
  readonly hosts: readonly JdbcHost[]
  /** Database, or the path of a SQLite file; null where none is written. */
  readonly database: string | null
  readonly properties: ReadonlyMap<string, string>
}

/**
 * Parses a URL. Passwords in it never appear in errors.
 * @throws ConfigException under `configKey` for text that is no JDBC URL
 */
export function parseJdbcUrl(text: string, configKey = 'connection.url'): JdbcUrl {
  const parts = /^jdbc:([a-z0-9]+)(?::(?:loadbalance|replication|failover|sequential|aurora))?:([\s\S]*)$/i.exec(
    text.trim(),
  )
  if (parts === null) {
    throw new ConfigException(
      `Invalid value for configuration ${configKey}: a JDBC URL begins with "jdbc:" and the name of the database`,
      { configKey, action: 'Write for example jdbc:postgresql://host:5432/database.' },
    )
  }
  const subprotocol = (parts[1] as string).toLowerCase()
  const rest = parts[2] as string
  if (subprotocol === 'sqlite') return sqliteUrl(rest)
  const at = rest.indexOf('?')
  const before = at < 0 ? rest : rest.slice(0, at)
  const properties = at < 0 ? new Map<string, string>() : parseProperties(rest.slice(at + 1))
  if (!before.startsWith('//')) {
    return { subprotocol, hosts: [], database: before === '' || before === '/' ? null : decode(before), properties }
  }
  const slash = endOfHosts(before)
  const database = slash < 0 ? '' : before.slice(slash + 1)
  const hosts = parseHosts(slash < 0 ? before.slice(2) : before.slice(2, slash), properties, configKey)
  return { subprotocol, hosts, database: database === '' ? null : decode(database), properties }
}

/** The value of a property whatever the case of its name, as the drivers read them. */
export function property(url: Pick<JdbcUrl, 'properties'>, ...names: readonly string[]): string | undefined {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  for (const [name, value] of url.properties) if (wanted.has(name.toLowerCase())) return value
  return undefined
}

/** The URL without what stands in it in secret: for logs and errors. */
export function displayUrl(text: string): string {
  return text
    .replace(/([?&;]\s*[^=&;]*(?:password|secret|token)[^=&;]*=)[^&;]*/gi, '$1****')
    .replace(/([(,]\s*password\s*=)[^,)]*/gi, '$1****')
    .replace(/(\/\/[^:/@]*:)[^@/]*@/g, '$1****@')
}

/** `jdbc:sqlite:` takes a path, nothing or `:memory:` for memory, or `file:` with its own query. */
function sqliteUrl(rest: string): JdbcUrl {
  const at = rest.startsWith('file:') ? -1 : rest.indexOf('?')
  const path = at < 0 ? rest : rest.slice(0, at)
  return {
    subprotocol: 'sqlite',
    hosts: [],
    database: path === '' ? ':memory:' : path,
    properties: at < 0 ? new Map() : parseProperties(rest.slice(at + 1)),
  }
}

/** The slash after the hosts: not one inside the parentheses of MySQL's `address=(...)`. */
function endOfHosts(text: string): number {
  let depth = 0
  for (let i = 2; i < text.length; i++) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === '/' && depth === 0) return i
  }
  return -1
}

function parseHosts(text: string, properties: Map<string, string>, configKey: string): JdbcHost[] {
  if (text === '') return []
  const at = text.lastIndexOf('@')
  if (at >= 0) {
    const [user = '', password] = text.slice(0, at).split(/:(.*)/s)
    if (user !== '' && !properties.has('user')) properties.set('user', decode(user))
    if (password !== undefined && !properties.has('password')) properties.set('password', decode(password))
  }
  return splitOutside(text.slice(at + 1)).map((one) => parseHost(one, configKey))
}

function parseHost(text: string, configKey: string): JdbcHost {
  if (text.startsWith('address=') || text.startsWith('(')) {
    const host = /\(\s*host\s*=\s*([^)]*)\)/i.exec(text)?.[1] ?? 'localhost'
    return { host, port: toPort(/\(\s*port\s*=\s*([^)]*)\)/i.exec(text)?.[1], configKey) }
  }
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text)
  if (parts === null) {
    throw new ConfigException(`Invalid value for configuration ${configKey}: "${text}" is no host with a port`, {
      configKey,
    })
  }
  const host = (parts[1] as string).replace(/^\[|\]$/g, '')
  return { host: host === '' ? 'localhost' : host, port: toPort(parts[2], configKey) }
}

function toPort(text: string | undefined, configKey: string): number | null {
  if (text === undefined || text === '') return null
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new ConfigException(`Invalid value for configuration ${configKey}: port ${text} is not one of 1 to 65535`, {
    configKey,
  })
}

/** Splits at commas outside parentheses and brackets. */
function splitOutside(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((one) => one.trim())
}

function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    properties.set(decode(at < 0 ? pair : pair.slice(0, at)), at < 0 ? '' : decode(pair.slice(at + 1)))
  }
  return properties
}

/** Percent codes where they are well formed; other text as it is. A plus is a plus: passwords have them. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
