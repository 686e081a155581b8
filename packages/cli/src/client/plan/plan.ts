// What would have to be done for a cluster to be as files say.
import { scryptSync } from 'node:crypto'
import { ClientError, RefusedError } from '../client-error.ts'
import type { Config, ConnectApi, Expanded, State } from '../connect-api.ts'
import type { ConnectorDocument } from '../documents/document.ts'
import { canonical } from '../exact-json.ts'
import { fits } from '../names.ts'
import { type SecretKeys, secretKeysOf } from '../secrets.ts'

/** A key that differs; null for one that is not there. Secrets are hidden, on both sides. */
export interface KeyChange {
  readonly key: string
  readonly from: string | null
  readonly to: string | null
}

/** A finding of the worker's validation. */
export interface KeyError {
  readonly key: string
  readonly message: string
}

/** What is to be done with one connector. */
export interface Action {
  readonly name: string
  readonly action: 'create' | 'update' | 'delete' | 'none'
  /** Where it is described; not there for one to delete. */
  readonly source?: string
  readonly changes: readonly KeyChange[]
  /** A change of state, or the state to create it in when that is not RUNNING. */
  readonly state?: { readonly from: State | null; readonly to: State }
  readonly errors: readonly KeyError[]
}

/** All actions, with what is needed to do them. */
export interface Plan {
  /** The same for the same files and the same cluster; changes when either does. */
  readonly id: string
  readonly actions: readonly Action[]
  /** By name: what is put, in plain text. Not for printing. */
  readonly documents: ReadonlyMap<string, ConnectorDocument>
  /** Texts of the worker without the secrets of a connector. */
  maskText(name: string, text: string): string
}

/** What a plan takes into account beside the files. */
export interface PlanOptions {
  /** Ask the worker whether it would accept each new configuration. */
  readonly validate: boolean
  /** Delete what no file describes. */
  readonly prune: boolean
  /** Delete only names that fit this pattern. */
  readonly pruneOnly?: string
}

/** Compares files with the cluster. Changes nothing. */
export async function makePlan(
  api: ConnectApi,
  documents: readonly ConnectorDocument[],
  options: PlanOptions,
): Promise<Plan> {
  const existing = await api.all()
  const secretKeys = new Map<string, SecretKeys>()
  const secretsOf = async (config: Config) => {
    const name = config['connector.class'] ?? ''
    const found = secretKeys.get(name) ?? (await secretKeysOf(api, name))
    secretKeys.set(name, found)
    return found
  }
  const actions: Action[] = []
  for (const document of documents) {
    const secrets = await secretsOf(document.config)
    const planned = actionFor(document, existing.get(document.name), secrets)
    const check = options.validate && (planned.action === 'create' || planned.changes.length > 0)
    actions.push(check ? { ...planned, errors: await errorsOf(api, document, secrets) } : planned)
  }
  const byName = new Map(documents.map((one) => [one.name, one]))
  if (options.prune) {
    for (const [name, { info }] of existing) {
      if (byName.has(name) || !fits(options.pruneOnly ?? '*', name)) continue
      const changes = changesOf(info.config, {}, await secretsOf(info.config))
      actions.push({ name, action: 'delete', changes, errors: [] })
    }
  }
  return {
    id: idOf(actions, byName, existing),
    actions,
    documents: byName,
    maskText: (name, text) => {
      const config = byName.get(name)?.config ?? existing.get(name)?.info.config ?? {}
      return secretKeys.get(config['connector.class'] ?? '')?.maskText(text, config) ?? text
    },
  }
}

/** True when there is nothing to do. */
export function isEmpty(plan: Plan): boolean {
  return plan.actions.every((one) => one.action === 'none')
}

function actionFor(document: ConnectorDocument, existing: Expanded | undefined, secrets: SecretKeys): Action {
  const { name, source, config } = document
  const changes = changesOf(existing?.info.config ?? {}, config, secrets)
  if (existing === undefined) {
    const to = document.state ?? document.initialState ?? 'RUNNING'
    const state = to === 'RUNNING' ? {} : { state: { from: null, to } }
    return { name, action: 'create', source, changes, errors: [], ...state }
  }
  const from = targetOf(existing)
  const state = document.state === undefined || document.state === from ? {} : { state: { from, to: document.state } }
  const action = changes.length > 0 || 'state' in state ? 'update' : 'none'
  return { name, action, source, changes, errors: [], ...state }
}

function changesOf(from: Config, to: Config, secrets: SecretKeys): KeyChange[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()
  return keys.flatMap((key) => {
    const [a, b] = [from[key] ?? null, to[key] ?? null]
    return a === b ? [] : [{ key, from: secrets.shown(key, a), to: secrets.shown(key, b) }]
  })
}

/** What it was told to be; all other states are on the way or a fault. */
function targetOf({ status }: Expanded): State {
  const state = status?.connector.state
  return state === 'PAUSED' || state === 'STOPPED' ? state : 'RUNNING'
}

async function errorsOf(api: ConnectApi, { config }: ConnectorDocument, secrets: SecretKeys): Promise<KeyError[]> {
  try {
    const { configs } = await api.validate(config['connector.class'] ?? '', config)
    return configs.flatMap(({ value }) =>
      value.errors.map((message) => ({ key: value.name, message: secrets.maskText(message, config) })),
    )
  } catch (error) {
    // A class that the worker does not know is a finding; a worker that does not answer is a failure.
    if (!(error instanceof RefusedError)) throw error
    return [{ key: 'connector.class', message: secrets.maskText(error.message, config) }]
  }
}

/**
 * Made of the whole configurations, secrets included: a changed password is another plan. Through scrypt, so that a
 * password cannot be guessed from an id in a log.
 */
function idOf(
  actions: readonly Action[],
  documents: ReadonlyMap<string, ConnectorDocument>,
  existing: ReadonlyMap<string, Expanded>,
): string {
  const parts = actions.map(({ name, action, state }) => [
    name,
    action,
    state ?? null,
    existing.get(name)?.info.config ?? null,
    documents.get(name)?.config ?? null,
  ])
  return scryptSync(canonical(parts), 'millrace plan', 6).toString('hex')
}

/** @throws ClientError when the plan is not the one that was looked at */
export function requirePlan(plan: Plan, wanted: string | undefined, exitCode: 4): void {
  if (wanted === undefined || wanted === plan.id) return
  throw new ClientError(exitCode, `The plan is ${plan.id} now, not ${wanted}: the files or the cluster have changed.`, {
    action: 'Look at it again with millrace plan.',
  })
}
