// The eager assignor (protocol `default`): everything anew at every rebalance, round-robin over the members.

import type { TaskId } from '../plane/messages.ts'
import type { ConfigView } from './config-view.ts'
import type { Work } from './work.ts'

/**
 * Divides all work: connectors sorted by name, then the tasks of each by number, dealt in one round over the sorted member
 * ids, so that connectors of one task each do not all put their tasks beside each other.
 * @returns every member, those without work too
 */
export function assignEagerly(config: ConfigView, memberIds: Iterable<string>): ReadonlyMap<string, Work> {
  const members = [...memberIds].sort()
  const shares = members.map(() => ({ connectors: [] as string[], tasks: [] as TaskId[] }))
  const connectors = [...config.connectors()].sort()
  let turn = 0
  const next = () => shares[turn++ % shares.length]!
  for (const connector of connectors) next().connectors.push(connector)
  for (const connector of connectors) {
    for (const task of [...config.tasks(connector)].sort((a, b) => a.task - b.task)) next().tasks.push(task)
  }
  return new Map(members.map((member, at) => [member, shares[at]!]))
}
