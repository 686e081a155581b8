// Which names a topic may have. Rules of Kafka: 1 to 249 of letters, digits, '.', '_' and '-', but not "." or "..".

/** Why `name` cannot be a topic's name; undefined when it can. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return "Topic name is invalid: it cannot be '.' or '..'"
  if (name.length > 249)
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length 249`
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

/** Kafka's metrics cannot tell '.' from '_', so names that differ only there collide. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}

/** Topics the broker itself writes. */
export const OFFSETS_TOPIC = '__consumer_offsets'
export const TRANSACTION_TOPIC = '__transaction_state'

/** True for topics that clients may read but not write. */
export function isInternal(name: string): boolean {
  return name === OFFSETS_TOPIC || name === TRANSACTION_TOPIC
}
