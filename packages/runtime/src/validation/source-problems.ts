// Preflight checks of source connectors: what they are asked to guarantee, and whether they can (KIP-618).
import type { Connector, ConnectorProps, RawConfig, SourceConnector } from '@millrace/api'

/** Complaints by key. Workers that run alone have no exactly-once support. */
export function sourceProblems(
  connector: Connector,
  props: RawConfig,
): readonly { readonly key: string; readonly message: string }[] {
  const problems: { key: string; message: string }[] = []
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null)) as ConnectorProps
  if (props['transaction.boundary']?.toLowerCase() === 'connector') {
    const source = connector as SourceConnector
    if (source.canDefineTransactionBoundaries?.(given) !== 'supported') {
      problems.push({
        key: 'transaction.boundary',
        message:
          'The connector does not support connector-defined transaction boundaries with the given configuration. ' +
          'Please reconfigure it to use a different transaction boundary definition.',
      })
    }
  }
  return problems
}
