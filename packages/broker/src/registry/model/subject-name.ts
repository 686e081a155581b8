// Subject names with contexts: `:.staging:orders-value` is the subject `orders-value` in the context `.staging`.
// Source: https://docs.confluent.io/platform/current/schema-registry/schema-linking-cp.html (qualified subjects)

/** The context of a name that says none. */
export const DEFAULT_CONTEXT = '.'
/** The context whose config and mode stand behind those of all others. */
export const GLOBAL_CONTEXT = '.__GLOBAL'
/** A prefix that means every context. */
export const ALL_CONTEXTS = ':*:'

const RESERVED_SUBJECTS = ['__GLOBAL', '__EMPTY']
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** A subject taken apart. */
export interface SubjectName {
  /** Begins with a dot; `*` for {@link ALL_CONTEXTS}. */
  readonly context: string
  /** Empty when the name is that of a context. */
  readonly subject: string
}

/** Takes a name apart; every text is a name. */
export function parseSubject(name: string): SubjectName {
  if (name.startsWith(':.')) {
    const end = name.indexOf(':', 2)
    if (end < 0) return { context: name.slice(1), subject: '' }
    return { context: name.slice(1, end), subject: name.slice(end + 1) }
  }
  if (name.startsWith(ALL_CONTEXTS)) return { context: '*', subject: name.slice(ALL_CONTEXTS.length) }
  return { context: DEFAULT_CONTEXT, subject: name }
}

/** The name as it is kept: without a context when it is in the default one. */
export function qualify({ context, subject }: SubjectName): string {
  return `${contextPrefix(context)}${subject}`
}

/** `:.staging:`, empty for the default context. */
export function contextPrefix(context: string): string {
  return context === DEFAULT_CONTEXT ? '' : `:${context}:`
}

/** One name for one subject: `:.:orders` is `orders`. */
export function normalizeSubject(name: string): string {
  return qualify(parseSubject(name))
}

/** A context as paths name it, with or without colons and the leading dot, as a prefix of names; undefined when it is none. */
export function normalizeContext(context: string): string | undefined {
  const bare = context.replace(/^:/, '').replace(/:$/, '')
  if (bare.includes(':')) return undefined
  return contextPrefix(bare.startsWith('.') ? bare : `.${bare}`)
}

/** A name that another schema's reference or alias gives: without a context it is in that of the schema that names it. */
export function relativeTo(parent: string, name: string): string {
  const own = parseSubject(name)
  return own.context === DEFAULT_CONTEXT ? qualify({ ...own, context: parseSubject(parent).context }) : qualify(own)
}

/** True for names that mean the whole default context: empty, or `:.:`. */
export function isDefaultContext(name: string): boolean {
  const { context, subject } = parseSubject(name)
  return context === DEFAULT_CONTEXT && subject === ''
}

/** Whether something may be kept under this name: a schema, or (`settings`) a config or mode. */
export function isValidSubject(name: string, settings = false): boolean {
  if (CONTROL.test(name)) return false
  const { context, subject } = parseSubject(name)
  return !RESERVED_SUBJECTS.includes(subject) && (settings || context !== GLOBAL_CONTEXT)
}

/** Whether a subject is the one named, or lies in the context named; null names all. */
export function isWithin(subject: string, name: string | null): boolean {
  if (name === null || subject === name) return true
  const wanted = parseSubject(name)
  if (wanted.subject !== '') return false
  return wanted.context === GLOBAL_CONTEXT || parseSubject(subject).context === wanted.context
}

/** Whether a subject begins with a prefix: within the prefix's context, or in all of them for {@link ALL_CONTEXTS}. */
export function hasPrefix(subject: string, prefix: string): boolean {
  const wanted = parseSubject(prefix)
  const own = parseSubject(subject)
  return (wanted.context === '*' || own.context === wanted.context) && own.subject.startsWith(wanted.subject)
}
