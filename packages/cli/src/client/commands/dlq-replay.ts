// millrace dlq fix and replay: what would become of letters, and letting it become so.
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, usage } from '../client-error.ts'
import { filterOf } from '../dlq/filters.ts'
import { type Fixed, type FixOptions, fixOf, unchanged } from '../dlq/fix.ts'
import { letterJson, placeOf, preview, textOf } from '../dlq/letter.ts'
import { replay as replayLetters } from '../dlq/replay.ts'
import { chosen, type LettersOptions, openQueue, requireCount } from './dlq.ts'

export interface FixCommandOptions extends LettersOptions, FixOptions {}
export interface ReplayOptions extends FixCommandOptions {
  readonly to?: string
  readonly again?: boolean
  readonly dryRun?: boolean
}

const SHOWN = 10
const SHOWN_CHARS = 2_000

/** Shows letters before and after a change; nothing is written. */
export async function previewFix(name: string, options: FixCommandOptions): Promise<void> {
  const fix = await fixOf(options)
  if (fix === undefined) throw usage('It is not said what to change: --with, --set and --remove, or --from.')
  const limit = options.limit === undefined ? SHOWN : requireCount('--limit', options.limit)
  const opened = await openQueue(name, options)
  const { out } = opened
  const shown: unknown[] = []
  let [count, changed, failed] = [0, 0, 0]
  for await (const { letter } of chosen(opened, { ...options, pending: true })) {
    count++
    let after: Fixed | null
    try {
      after = await fix(letter)
    } catch (error) {
      failed++
      if (failed <= limit) {
        shown.push({ ...letterJson(letter), error: errorMessage(error) })
        out.line(`${placeOf(letter)}: cannot be changed: ${errorMessage(error)}`)
      }
      continue
    }
    if (after === null) {
      if (options.from === undefined) out.line(`${placeOf(letter)}: stays in the queue`)
      continue
    }
    if (++changed > limit) continue
    const { context: _, ...fixed } = letterJson({ ...letter, ...after })
    shown.push({ ...letterJson(letter), after: { ...fixed, topic: after.topic } })
    out.line(`${placeOf(letter)}:`)
    for (const part of ['key', 'value'] as const) {
      const [was, is] = [show(letter[part]), show(after[part])]
      if (was !== is) out.line(`  - ${part} ${was}\n  + ${part} ${is}`)
    }
    if (after.topic !== null) out.line(`  + topic ${after.topic}`)
  }
  out.data({ queue: opened.queue.topic, letters: count, changed, failed, shown })
  out.line(
    `${opened.queue.topic}: ${changed} of ${count} letters can be replayed so, ${failed} cannot be changed. Nothing was written.`,
  )
  if (failed > 0) throw new ClientError(ExitCode.FINDINGS, `${failed} letters cannot be changed.`)
}

/** Writes letters to topics, each once. */
export async function replay(name: string, options: ReplayOptions): Promise<void> {
  const filter = filterOf(options)
  const fix = await fixOf(options)
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : requireCount('--limit', options.limit)
  const { brokers, queue, group, out } = await openQueue(name, options)
  const dryRun = options.dryRun === true
  const result = await replayLetters({
    brokers,
    queue,
    group,
    filter,
    fix: fix ?? unchanged,
    fixes: fix !== undefined,
    ...(options.to !== undefined && { to: options.to }),
    limit,
    again: options.again === true,
    dryRun,
  })
  const { replayed, topics, done, left, failed, full } = result
  out.data({ queue: queue.topic, dryRun, replayed, topics: Object.fromEntries(topics), done, left, failed, full })
  const to = [...topics].map(([topic, count]) => `${count.toLocaleString('en')} to ${topic}`).join(', ')
  out.line(`${queue.topic}: ${dryRun ? 'would replay' : 'replayed'} ${letters(replayed)}${to === '' ? '' : `: ${to}`}`)
  if (done > 0 && options.again !== true) out.line(`${letters(done)} replayed before; --again would repeat them.`)
  if (left > 0) out.line(`${letters(left)} left where they are.`)
  for (const { place, reason } of failed.slice(0, SHOWN)) out.line(`${place}: not replayed: ${reason}`)
  if (failed.length > SHOWN) out.line(`and ${failed.length - SHOWN} more`)
  if (dryRun) out.line('Nothing was written: a dry run.')
  if (full) {
    throw new ClientError(
      ExitCode.FINDINGS,
      'Not all letters were replayed: what is done lies so scattered over the queue that the note of it does not fit into an offset.',
      { action: 'Replay what lies between without a filter, or the rest with another --group.' },
    )
  }
  if (failed.length > 0) throw new ClientError(ExitCode.FINDINGS, `${letters(failed.length)} could not be replayed.`)
}

function letters(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'letter' : 'letters'}`
}

function show(bytes: Buffer | null): string {
  return textOf(bytes)?.slice(0, SHOWN_CHARS) ?? preview(bytes, SHOWN_CHARS)
}
