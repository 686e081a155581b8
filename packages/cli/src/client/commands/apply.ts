// millrace diff, plan, apply: files against a cluster.
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, RefusedError, usage } from '../client-error.ts'
import type { ConnectApi } from '../connect-api.ts'
import { loadDocuments } from '../documents/load.ts'
import { type Action, isEmpty, makePlan, type Plan, requirePlan } from '../plan/plan.ts'
import { changeLines, planText } from '../plan/text.ts'
import { openSession, type Session } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'
import { waitForState } from '../waiting.ts'
import { patience } from './actions.ts'

export interface FilesOptions extends ConnectionOptions {
  readonly filename?: readonly string[]
  readonly recursive?: boolean
  readonly prune?: boolean
  readonly pruneOnly?: string
  /** False with `--no-validate`. */
  readonly validate?: boolean
}
export interface ApplyOptions extends FilesOptions {
  readonly plan?: string
  readonly dryRun?: boolean
  readonly wait?: string | boolean
}

/** Prints what differs; exit code 4 when anything does. */
export async function diff(options: FilesOptions): Promise<void> {
  const { out, plan } = await planned({ ...options, validate: false })
  const different = plan.actions.filter((one) => one.action !== 'none')
  out.data(different.map(({ errors, ...one }) => one))
  for (const one of different) {
    const [from, to] = [one.action === 'create' ? 'nothing' : 'cluster', one.source ?? 'nothing']
    out.line(`--- ${one.name}  (${from})\n+++ ${one.name}  (${to})\n${changeLines(one).join('\n')}`)
  }
  if (different.length > 0) process.exitCode = ExitCode.FINDINGS
}

/** Prints what apply would do, validated by the worker; exit code 4 when it would refuse anything. */
export async function plan(options: FilesOptions): Promise<void> {
  const { out, plan } = await planned(options)
  out.data({ plan: plan.id, actions: plan.actions })
  out.line(planText(plan))
  if (hasErrors(plan)) process.exitCode = ExitCode.FINDINGS
}

/** Makes the cluster as the files say: everything is validated first, and nothing done when anything would be refused. */
export async function apply(options: ApplyOptions): Promise<void> {
  if (options.dryRun === true) return plan(options)
  const session = await planned(options)
  requirePlan(session.plan, options.plan, ExitCode.FINDINGS)
  if (hasErrors(session.plan)) {
    session.out.data({ plan: session.plan.id, actions: session.plan.actions, results: [] })
    session.out.line(planText(session.plan))
    throw new ClientError(ExitCode.FINDINGS, 'Nothing was applied: see the errors above.')
  }
  const results: { readonly name: string; readonly result: string }[] = []
  try {
    for (const action of session.plan.actions) {
      const result = await perform(session.api, action, session.plan)
      results.push({ name: action.name, result })
      session.out.line(`${action.name}: ${result}`)
    }
    await settle(session, patience(options.wait))
  } finally {
    session.out.data({ plan: session.plan.id, results })
  }
}

async function planned(options: FilesOptions): Promise<Session & { readonly plan: Plan }> {
  const files = options.filename ?? []
  if (files.length === 0) throw usage('Name files or folders with -f; - is standard input.')
  if (options.pruneOnly !== undefined && options.prune !== true) throw usage('--prune-only goes with --prune.')
  const documents = await loadDocuments(files, { recursive: options.recursive === true })
  const session = openSession(options)
  const made = await makePlan(session.api, documents, {
    validate: options.validate !== false,
    prune: options.prune === true,
    ...(options.pruneOnly !== undefined && { pruneOnly: options.pruneOnly }),
  })
  return { ...session, plan: made }
}

async function perform(api: ConnectApi, { name, action, changes, state }: Action, plan: Plan): Promise<string> {
  const config = plan.documents.get(name)?.config ?? {}
  try {
    if (action === 'none') return 'unchanged'
    if (action === 'delete') {
      await api.delete(name)
      return 'deleted'
    }
    if (action === 'create') {
      await api.create(name, config, state?.to)
      return state === undefined ? 'created' : `created, ${state.to}`
    }
    // What is to rest rests before its configuration changes, what is to run has its configuration before it does.
    if (state !== undefined && state.to !== 'RUNNING') await api.setState(name, state.to)
    if (changes.length > 0) await api.putConfig(name, config)
    if (state?.to === 'RUNNING') await api.setState(name, state.to)
    return state === undefined ? 'updated' : `${changes.length > 0 ? 'updated, ' : ''}${state.to}`
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    throw new RefusedError(error.status, `${name}: ${plan.maskText(name, error.message)}`, error.context.action)
  }
}

async function settle(
  { api, out, plan }: Session & { readonly plan: Plan },
  patienceMs: number | undefined,
): Promise<void> {
  if (patienceMs === undefined || isEmpty(plan)) return
  for (const { name, action, state } of plan.actions) {
    if (action !== 'create' && action !== 'update') continue
    const wanted = state?.to ?? plan.documents.get(name)?.state ?? (await currentTarget(api, name))
    await waitForState(api, name, wanted, patienceMs)
    out.line(`${name}: ${wanted}`)
  }
}

/** A change of configuration leaves a paused connector paused. */
async function currentTarget(api: ConnectApi, name: string) {
  const state = (await api.findStatus(name))?.connector.state
  return state === 'PAUSED' || state === 'STOPPED' ? state : 'RUNNING'
}

function hasErrors(plan: Plan): boolean {
  return plan.actions.some((one) => one.errors.length > 0)
}
