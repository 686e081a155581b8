// What a worker can own: connectors and tasks; and sets of both, as the assignors compute with them.
import type { TaskId } from '../plane/messages.ts'

/** Connectors and tasks, in an order that matters only for bytes. */
export interface Work {
  readonly connectors: readonly string[]
  readonly tasks: readonly TaskId[]
}

export const NO_WORK: Work = Object.freeze({ connectors: Object.freeze([]), tasks: Object.freeze([]) })

export function isEmptyWork(work: Work): boolean {
  return work.connectors.length === 0 && work.tasks.length === 0
}

/** A task's name, `CONNECTOR-NUMBER`: two tasks are the same when their keys are. */
export function taskKey({ connector, task }: TaskId): string {
  return `${connector}-${task}`
}

/** The task of a key made by {@link taskKey}. Connector names may hold dashes, numbers do not. */
export function taskOfKey(key: string): TaskId {
  const dash = key.lastIndexOf('-')
  return { connector: key.slice(0, dash), task: Number(key.slice(dash + 1)) }
}

/** `base` without what is in `minus`. */
export function withoutWork(base: Work, minus: Work): Work {
  const connectors = new Set(minus.connectors)
  const tasks = new Set(minus.tasks.map(taskKey))
  return {
    connectors: base.connectors.filter((one) => !connectors.has(one)),
    tasks: base.tasks.filter((one) => !tasks.has(taskKey(one))),
  }
}

/** Both, each member once, those of `first` first. */
export function joinWork(first: Work, second: Work): Work {
  const rest = withoutWork(second, first)
  return { connectors: [...first.connectors, ...rest.connectors], tasks: [...first.tasks, ...rest.tasks] }
}

/** The two kinds of work; assignors balance each for itself. */
export const AXES = ['connectors', 'tasks'] as const
export type Axis = (typeof AXES)[number]

/** Sets of connector names and of task keys, in the order of insertion. */
export type WorkSet = Readonly<Record<Axis, ReadonlySet<string>>>

/** A {@link WorkSet} in the making. */
export type MutableWorkSet = Record<Axis, Set<string>>

export const emptyWorkSet = (): MutableWorkSet => ({ connectors: new Set(), tasks: new Set() })

export function toWorkSet(work: Work): MutableWorkSet {
  return { connectors: new Set(work.connectors), tasks: new Set(work.tasks.map(taskKey)) }
}

export function toWork(set: WorkSet): Work {
  return { connectors: [...set.connectors], tasks: [...set.tasks].map(taskOfKey) }
}

export function isEmptySet(set: WorkSet): boolean {
  return set.connectors.size === 0 && set.tasks.size === 0
}

export function addAll(to: MutableWorkSet, more: WorkSet): void {
  for (const axis of AXES) for (const one of more[axis]) to[axis].add(one)
}

export function removeAll(from: MutableWorkSet, less: WorkSet): void {
  for (const axis of AXES) for (const one of less[axis]) from[axis].delete(one)
}

/** A sorted copy of `base` without anything of `minus`: connectors by name, tasks by connector and number. */
export function sortedDifference(base: WorkSet, ...minus: readonly WorkSet[]): MutableWorkSet {
  const left = (axis: Axis) => [...base[axis]].filter((one) => !minus.some((set) => set[axis].has(one)))
  return { connectors: new Set(left('connectors').sort()), tasks: new Set(sortTaskKeys(left('tasks'))) }
}

/** Sorts by connector name (in UTF-16 code units), then by number: task 10 comes after task 9. */
function sortTaskKeys(keys: readonly string[]): readonly string[] {
  return keys
    .map((key) => ({ key, ...taskOfKey(key) }))
    .sort((a, b) => (a.connector < b.connector ? -1 : a.connector > b.connector ? 1 : a.task - b.task))
    .map(({ key }) => key)
}
