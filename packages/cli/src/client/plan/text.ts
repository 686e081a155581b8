// Plans in words.
import type { Action, Plan } from './plan.ts'

/** Lines of a difference: `-` as it is, `+` as it is to be. */
export function changeLines({ changes, state, action }: Action): string[] {
  const lines = changes.flatMap(({ key, from, to }) => {
    const hidden = from !== null && from === to
    return [
      ...(from === null ? [] : [`- ${key}=${from}`]),
      ...(to === null ? [] : [`+ ${key}=${to}${hidden ? ' (another)' : ''}`]),
    ]
  })
  if (state !== undefined && action !== 'create') lines.push(`- state ${state.from}`)
  if (state !== undefined) lines.push(`+ state ${state.to}`)
  return lines
}

/** The plan with all its differences. */
export function planText(plan: Plan): string {
  const lines: string[] = []
  for (const one of plan.actions) {
    const title = one.action === 'none' ? 'unchanged' : one.action
    lines.push(`${one.name}: ${title}${one.source === undefined ? '' : `  (${one.source})`}`)
    // All of what goes is not of interest.
    if (one.action !== 'delete') lines.push(...changeLines(one).map((line) => `  ${line}`))
    lines.push(...one.errors.map(({ key, message }) => `  ! ${key}: ${message}`))
  }
  lines.push(`Plan ${plan.id}: ${countsText(plan)}`)
  return lines.join('\n')
}

/** `1 to create, 2 to update`. */
export function countsText(plan: Plan): string {
  const count = (action: Action['action']) => plan.actions.filter((one) => one.action === action).length
  const parts = (['create', 'update', 'delete'] as const).flatMap((action) =>
    count(action) === 0 ? [] : [`${count(action)} to ${action}`],
  )
  const errors = plan.actions.reduce((sum, one) => sum + one.errors.length, 0)
  const trouble = errors === 0 ? '' : `; ${errors} error${errors === 1 ? '' : 's'}`
  return `${parts.join(', ') || 'nothing to do'}${trouble}`
}
