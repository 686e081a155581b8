// Login configuration files of Java (JAAS), as far as they name login modules and their options.
import { ConfigException } from '@millrace/api'

/** One login module of a context. */
export interface LoginModule {
  readonly className: string
  /** `required`, `requisite`, `sufficient` or `optional`. */
  readonly flag: string
  readonly options: Readonly<Record<string, string>>
}

const FLAGS = ['required', 'requisite', 'sufficient', 'optional']
/** Comments, quoted texts, punctuation, words. */
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*|"(?:[^"\\]|\\.)*"|[{};=]|[^\s{};="]+/g

/**
 * The login modules by the name of their context: `KafkaConnect { Module required file="..."; };`
 * @param path the file, for messages
 * @throws ConfigException for a text that is no such file
 */
export function parseJaas(text: string, path: string): ReadonlyMap<string, readonly LoginModule[]> {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !/^(\/\/|\/\*|#)/.test(token))
  let at = 0
  const wrong = (wanted: string): ConfigException =>
    new ConfigException(
      `The login configuration ${path} cannot be read: ${wanted} was expected ` +
        `${at < tokens.length ? 'where something else stands' : 'where the file ends'} (part ${at + 1}). ` +
        'It is to look like: KafkaConnect { org...PropertyFileLoginModule required file="/path/to/users.properties"; };',
    )
  const word = (wanted: string): string => {
    const token = tokens[at]
    if (token === undefined || /^[{};=]$/.test(token)) throw wrong(wanted)
    at++
    return token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token
  }
  const sign = (wanted: string): void => {
    if (tokens[at] !== wanted) throw wrong(`'${wanted}'`)
    at++
  }
  const contexts = new Map<string, readonly LoginModule[]>()
  while (at < tokens.length) {
    const name = word('the name of a context')
    sign('{')
    const modules: LoginModule[] = []
    while (tokens[at] !== '}') {
      const className = word('the class of a login module')
      const flag = word('a flag').toLowerCase()
      if (!FLAGS.includes(flag)) {
        at--
        throw wrong(`one of ${FLAGS.join(', ')}`)
      }
      const options: Record<string, string> = {}
      while (tokens[at] !== ';') {
        const key = word("an option or ';'")
        sign('=')
        options[key] = word('a value')
      }
      sign(';')
      modules.push({ className, flag, options })
    }
    sign('}')
    sign(';')
    contexts.set(name, modules)
  }
  return contexts
}
