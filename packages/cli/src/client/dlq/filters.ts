// Which letters a command is about.
import { usage } from '../client-error.ts'
import { fits } from '../names.ts'
import { TIME_FORMS, timeOf } from '../times.ts'
import { type Letter, placeOf } from './letter.ts'

/** Options that choose letters, as the command line gives them. */
export interface FilterOptions {
  readonly connector?: string
  /** Class of the error, full or simple. */
  readonly error?: string
  readonly stage?: string
  /** Topic of the record that failed. */
  readonly topic?: string
  readonly since?: string
  readonly until?: string
  /** Places, `0:17`. */
  readonly at?: readonly string[]
}

/** A test for letters. @throws ClientError for an option that makes no sense */
export function filterOf(options: FilterOptions, now = Date.now()): (letter: Letter) => boolean {
  const { connector, error, stage, topic } = options
  const since = timeGiven('--since', options.since, now) ?? Number.NEGATIVE_INFINITY
  const until = timeGiven('--until', options.until, now) ?? Number.POSITIVE_INFINITY
  const places = options.at === undefined ? null : new Set(options.at.map(requirePlace))
  return (letter) => {
    const { context, timestamp } = letter
    const className = context['exception.class.name'] ?? ''
    return (
      timestamp >= since &&
      timestamp <= until &&
      (connector === undefined || fits(connector, context['connector.name'] ?? '')) &&
      (error === undefined || fits(error, className) || fits(error, className.replace(/^.*[.$]/, ''))) &&
      (stage === undefined || fits(stage.toUpperCase(), context.stage ?? '')) &&
      (topic === undefined || fits(topic, context.topic ?? '')) &&
      (places === null || places.has(placeOf(letter)))
    )
  }
}

/** A place as it is printed: an offset alone is one of partition 0. @throws ClientError */
export function requirePlace(text: string): string {
  const [, partition = '0', offset] = /^(?:(\d+):)?(\d+)$/.exec(text) ?? []
  if (offset === undefined) {
    throw usage(`'${text}' is no letter's place: it is partition and offset in the queue, as 0:17.`)
  }
  return `${Number(partition)}:${Number(offset)}`
}

function timeGiven(option: string, text: string | undefined, now: number): number | undefined {
  const time = text === undefined ? undefined : timeOf(text, now)
  if (text !== undefined && time === undefined) throw usage(`${option} ${text} is no time: it may be ${TIME_FORMS}.`)
  return time
}
