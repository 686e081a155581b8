// `sasl.jaas.config`: one login module with its options, in the JAAS format
//
//   LoginModuleClass (required | requisite | sufficient | optional) name=value name="value" ... ;
import { ConfigException } from '@millrace/api'

const KEY = 'sasl.jaas.config'
const FLAGS: ReadonlySet<string> = new Set(['required', 'requisite', 'sufficient', 'optional'])
const EXAMPLE = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="..." password="...";'

/** A login module and what is said to it. The options hold secrets: never print them. */
export interface JaasEntry {
  /** Class name of the module. */
  readonly loginModule: string
  readonly options: ReadonlyMap<string, string>
}

interface Token {
  readonly text: string
  /** A quoted text is never punctuation. */
  readonly quoted: boolean
}

/**
 * Reads one entry. No message repeats what was read: it may be a password.
 * @throws ConfigException saying what is wrong, and where, counted in tokens
 */
export function parseJaasConfig(text: string): JaasEntry {
  const tokens = tokenize(text)
  const [module, flag, ...rest] = tokens
  if (module === undefined || isSign(module)) throw invalid('it names no login module')
  if (flag === undefined || !FLAGS.has(flag.text.toLowerCase())) {
    throw invalid(`after the login module comes one of ${[...FLAGS].join(', ')}`)
  }
  const end = rest.findIndex((token) => isSign(token, ';'))
  if (end < 0) throw invalid('it does not end with a semicolon')
  if (end < rest.length - 1) throw invalid('it has more than one login module; a client takes one')
  return Object.freeze({ loginModule: module.text, options: readOptions(rest.slice(0, end)) })
}

function readOptions(tokens: readonly Token[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (let at = 0; at < tokens.length; at += 3) {
    const [name, equals, value] = tokens.slice(at, at + 3)
    const place = `option ${at / 3 + 1}`
    if (name === undefined || isSign(name)) throw invalid(`${place} has no name`)
    if (equals === undefined || !isSign(equals, '=')) throw invalid(`${place} has no equals sign after its name`)
    if (value === undefined || isSign(value)) throw invalid(`${place} has no value; an empty one is written ""`)
    options.set(name.text, value.text)
  }
  return options
}

function tokenize(text: string): Token[] {
  // In turn: comments, quoted texts (with backslash escapes), signs, words.
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([=;])|([^\s=;"']+)|(["'])/g
  const tokens: Token[] = []
  for (const [, double, single, sign, word, open] of text.matchAll(pattern)) {
    if (open !== undefined) throw invalid('a quotation mark is not closed')
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push({ text: unescaped(quoted), quoted: true })
    else if (sign !== undefined || word !== undefined) tokens.push({ text: (sign ?? word) as string, quoted: false })
  }
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_all, char: string) => ESCAPES[char] ?? char)
}

function isSign(token: Token, sign?: string): boolean {
  if (token.quoted) return false
  return sign === undefined ? token.text === '=' || token.text === ';' : token.text === sign
}

function invalid(why: string): ConfigException {
  return ConfigException.invalidValue(KEY, '[hidden]', `${why}. Expected a form such as: ${EXAMPLE}`)
}
