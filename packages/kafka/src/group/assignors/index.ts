// Assignors by the names under which a configuration may ask for them.
import type { Assignor } from './assignor.ts'
import { RangeAssignor } from './range.ts'
import { RoundRobinAssignor } from './round-robin.ts'
import { CooperativeStickyAssignor, StickyAssignor } from './sticky.ts'

export * from './assignor.ts'
export { CooperativeStickyAssignor, RangeAssignor, RoundRobinAssignor, StickyAssignor }

const makers: Readonly<Record<string, () => Assignor>> = {
  range: () => new RangeAssignor(),
  roundrobin: () => new RoundRobinAssignor(),
  sticky: () => new StickyAssignor(),
  'cooperative-sticky': () => new CooperativeStickyAssignor(),
  RangeAssignor: () => new RangeAssignor(),
  RoundRobinAssignor: () => new RoundRobinAssignor(),
  StickyAssignor: () => new StickyAssignor(),
  CooperativeStickyAssignor: () => new CooperativeStickyAssignor(),
}

/** Names of the assignors there are, as the group protocol spells them. */
export const ASSIGNOR_NAMES: readonly string[] = ['range', 'roundrobin', 'sticky', 'cooperative-sticky']

/**
 * A new assignor by its protocol name or its Java class name, with or without the package
 * (`org.apache.kafka.clients.consumer.RangeAssignor`); undefined for a name that is not known.
 */
export function createAssignor(name: string): Assignor | undefined {
  const short = name.trim().replace(/^org\.apache\.kafka\.clients\.consumer\./, '')
  return Object.hasOwn(makers, short) ? makers[short]!() : undefined
}
