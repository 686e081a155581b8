// Where our workers answer otherwise than the reference, on purpose. docs/rest-differences.md tells the same in words; the test
// holds the answers to this list, and this list to the answers.
import type { Mode } from './recordings.ts'

/** Differences of one kind. */
export interface KnownDifference {
  /** Names of the calls: all of them, or those that fit. */
  readonly calls: readonly string[] | RegExp
  /** Which of the differences of these calls; all, without it. */
  readonly line?: RegExp
  /** Only of this kind of worker. */
  readonly mode?: Mode
  readonly why: string
}

export const KNOWN: readonly KnownDifference[] = [
  {
    calls: [
      'create without body',
      'create with malformed JSON',
      'create with a list',
      'create with an unknown property',
      'create with a nested value',
      'create with a bad initial state',
      'create without config',
      'create without class',
      'create with an unknown class',
      'put null',
      'alter with a bad position',
      'create source with connector.class=""',
      'validate source with connector.class="org.apache.kafka.connect.file.FileStreamSource"',
    ],
    line: /: \.message is /,
    why: 'other words for the same: the reference tells of Java classes',
  },
  {
    calls: /^(validate|create) .* with (override|producer\.override|consumer\.override)\.[a-z.]+="x"$/,
    line: /: \.message is /,
    why: 'ours names the prefix of the key',
  },
  {
    calls: ['stop an unknown connector', 'restart an unknown connector'],
    mode: 'standalone',
    why: 'an internal check and a null pointer in the reference: 500 there, 404 here',
  },
  {
    calls: ['status stopped'],
    mode: 'standalone',
    why: 'restarting an unknown task leaves a FAILED task behind in the reference',
  },
  { calls: ['set a level'], why: 'other loggers exist here than there' },
  {
    calls: /./,
    line: /(Value must be non-null|entry must be non null|Cannot invoke)/,
    why: 'the reference reports a value that cannot be parsed a second time, as null',
  },
  {
    calls:
      /^validate (source|sink) with (tasks\.max|transforms|predicates|topics|topics\.regex|topic\.creation\.groups)=/,
    line: /: \.error_count is /,
    why: 'the same, counted',
  },
  {
    calls: /^validate sink with topics(\.regex)?=/,
    line: /: \.errors\.topics(\.regex)?(\[0\])? is /,
    why: 'Java words for regular expressions that are none, and for null topics',
  },
  {
    calls: /converter=(""|null|"org\.apache\.kafka\.connect\.file)/,
    line: /: \.(errors\.\w+\.converter\[0\]|values\.\w+\.converter|hidden) is /,
    why: 'a converter that is none: other words, and its version stays hidden or shown',
  },
  {
    calls: /converter="JsonConverter"|^validate converter with/,
    line: /: \.groups\[\d\] is /,
    why: 'the order of two groups, by Java hash there, as the keys come here',
  },
  {
    calls: /=null$/,
    why: 'a null in a configuration: accepted by the validation of the reference, then a null pointer or 500 later',
  },
  {
    calls: /with batch\.size="(0|-1)"/,
    why: 'a file source that would read nothing: refused here',
  },
  {
    calls: /with errors\.retry\.(timeout|delay\.max\.ms)="9223372036854775807"/,
    why: 'milliseconds beyond what a double holds are shown rounded: 292 million years',
  },
  {
    calls: /transaction\.boundary="connector"|exactly once with a boundary/,
    mode: 'standalone',
    why: 'a boundary that the connector cannot keep is refused here by a standalone worker as well',
  },
  {
    calls: /exactly\.once\.support="(required|REQUIRED)"/,
    mode: 'standalone',
    why: 'a standalone worker has no transactions: what is required and cannot be given is refused, not ignored',
  },
  {
    calls: /predicate that is a connector/,
    line: /: \.values\./,
    why: 'a predicate that is none has no value',
  },
  {
    mode: 'standalone',
    calls: /^(create|delete) (source with topic\.creation\.groups|creation|a group)/,
    why: 'topic creation settings that do not fit: 500 from a standalone worker of the reference; the task fails here, with the reason',
  },
  {
    calls: /with errors in|create with errors|create converter with bad settings/,
    why: 'the second errors about null, as above',
  },
]

/** Which entry explains a difference; undefined for a fault. */
export function explanation(
  { name, line }: { readonly name: string; readonly line: string },
  mode: Mode,
): KnownDifference | undefined {
  return KNOWN.find(
    (one) =>
      (one.mode ?? mode) === mode &&
      (one.calls instanceof RegExp ? one.calls.test(name) : one.calls.includes(name)) &&
      (one.line === undefined || one.line.test(line)),
  )
}
