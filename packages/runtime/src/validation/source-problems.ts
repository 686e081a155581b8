// Preflight checks of source connectors: what they are asked to guarantee, and whether they can (KIP-618).
import { type Connector, type ConnectorProps, errorMessage, type RawConfig, type SourceConnector } from '@millrace/api'
import { SOURCE_DEAD_LETTER_CONFIG } from '../config/source-dead-letter-config.ts'

/** A complaint about the value of one key. */
export interface SourceProblem {
  readonly key: string
  readonly message: string
}

/**
 * Complaints by key.
 * @param isValid whether the value of a key is one that it may have: only then there is something to check
 */
export function sourceProblems(
  connector: Connector,
  workerProps: RawConfig,
  props: RawConfig,
  isValid: (key: string) => boolean,
): readonly SourceProblem[] {
  const source = connector as SourceConnector
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null)) as ConnectorProps
  const problems: SourceProblem[] = []
  const check = (key: string, wanted: string, look: () => readonly string[]) => {
    if (props[key]?.trim().toLowerCase() !== wanted || !isValid(key)) return
    problems.push(...look().map((message) => ({ key, message })))
  }
  check('exactly.once.support', 'required', () => [
    ...workerProblems(workerProps),
    ...guarded(() => supportProblems(source.exactlyOnceSupport?.(given))),
  ])
  check('transaction.boundary', 'connector', () =>
    guarded(() =>
      source.canDefineTransactionBoundaries?.(given) === 'supported'
        ? []
        : [
            'The connector does not support connector-defined transaction boundaries with the given configuration. ' +
              'Please reconfigure it to use a different transaction boundary definition.',
          ],
    ),
  )
  return [...problems, ...queueProblems(props)]
}

/** The queue is our own: its keys are looked at only where there is to be one. */
function queueProblems(props: RawConfig): readonly SourceProblem[] {
  if ((props['errors.deadletterqueue.topic.name'] ?? '').trim() === '') return []
  return SOURCE_DEAD_LETTER_CONFIG.validate(props).flatMap(({ name, errors }) =>
    errors.map((message) => ({ key: name, message })),
  )
}

/** Workers that run alone have no exactly-once support. */
function workerProblems(workerProps: RawConfig): readonly string[] {
  const enabled = workerProps['exactly.once.source.support']?.trim().toLowerCase() === 'enabled'
  return enabled ? [] : ['This worker does not have exactly-once source support enabled.']
}

function supportProblems(support: 'supported' | 'unsupported' | undefined): readonly string[] {
  if (support === 'supported') return []
  if (support === 'unsupported') {
    return ['The connector does not support exactly-once semantics with the provided configuration.']
  }
  return [
    'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult ' +
      'the documentation for the connector to determine whether it supports exactly-once semantics, and then consider ' +
      'reconfiguring the connector to use the value "requested" for this property (which will disable this preflight check and ' +
      'allow the connector to be created).',
  ]
}

/** A connector may have no answer for a configuration that is wrong. */
function guarded(look: () => readonly string[]): readonly string[] {
  try {
    return look()
  } catch (error) {
    const message = errorMessage(error).trim()
    return [
      `An unexpected error occurred during validation${message === '' ? '; please see the worker logs for more details.' : `: ${message}`}`,
    ]
  }
}
