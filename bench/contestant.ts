// A contestant: a Connect worker started as its users start it, driven through its REST API.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { until } from '@millrace/testkit'
import { cpuSeconds } from './process.ts'

/** How to start one worker. */
export interface Contestant {
  readonly name: string
  /** Program and arguments; the worker configuration file is appended. */
  readonly command: readonly string[]
}

/** A running worker. */
export interface Worker {
  readonly contestant: Contestant
  readonly pid: number
  readonly restUrl: string
  /** Seconds and CPU seconds from process start to the first answer of GET /. */
  readonly start: { readonly wall: number; readonly cpu: number }
  createConnector(name: string, config: Readonly<Record<string, string>>): Promise<void>
  deleteConnector(name: string): Promise<void>
  /** Ends its tasks and keeps its offsets; resolves when no task is left. */
  stopConnector(name: string): Promise<void>
  resumeConnector(name: string): Promise<void>
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 180_000
const POLL_MS = 5

/** Starts a worker and waits for its first REST answer. */
export async function startWorker(
  contestant: Contestant,
  configFile: string,
  restPort: number,
  logFile: string,
): Promise<Worker> {
  const log = openSync(logFile, 'a')
  const began = performance.now()
  const [program, ...args] = contestant.command
  const child = spawn(program as string, [...args, configFile], { stdio: ['ignore', log, log] })
  const pid = child.pid as number
  const restUrl = `http://127.0.0.1:${restPort}`
  await firstAnswer(child, restUrl, began)
  const start = { wall: (performance.now() - began) / 1000, cpu: cpuSeconds(pid) }
  return {
    contestant,
    pid,
    restUrl,
    start,
    createConnector: (name, config) => request('PUT', `${restUrl}/connectors/${name}/config`, config),
    deleteConnector: (name) => request('DELETE', `${restUrl}/connectors/${name}`),
    stopConnector: async (name) => {
      await request('PUT', `${restUrl}/connectors/${name}/stop`)
      await until('the end of all tasks', async () => {
        const status = (await (await fetch(`${restUrl}/connectors/${name}/status`)).json()) as Status
        return status.connector.state === 'STOPPED' && status.tasks.length === 0
      })
    },
    resumeConnector: (name) => request('PUT', `${restUrl}/connectors/${name}/resume`),
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

async function firstAnswer(child: ChildProcess, restUrl: string, began: number): Promise<void> {
  while (performance.now() - began < START_TIMEOUT_MS) {
    if (child.exitCode !== null) throw new Error(`The worker ended with exit code ${child.exitCode}; see its log`)
    const answered = await fetch(restUrl).then(
      (response) => response.ok,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`No REST answer from ${restUrl} within ${START_TIMEOUT_MS} ms`)
}

interface Status {
  readonly connector: { readonly state: string }
  readonly tasks: readonly unknown[]
}

async function request(method: string, url: string, body?: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`)
}
