// Answers the control plane on the port that a pool thread is born with.
import { parentPort, workerData } from 'node:worker_threads'
import { ThreadHost } from '../data/thread-host.ts'
import type { ControlRequests, ThreadRequests } from './messages.ts'
import { RpcPeer } from './rpc.ts'

const port = parentPort
if (port === null) throw new Error('This module is the entry of a pool thread; it cannot be run by itself')

const host = new ThreadHost(
  () => peer,
  () => port.close(),
  (workerData as { readonly cells: Int32Array }).cells,
)
const peer: RpcPeer<ControlRequests, ThreadRequests> = new RpcPeer<ControlRequests, ThreadRequests>(port, {
  handlers: host.handlers,
  describeError: host.describeError,
})
