// Requests that the controller carries out. Any broker of a KRaft cluster passes them on; older clusters want the controller.
import type { ClusterClient } from '../cluster/index.ts'
import { type Api, Metadata } from '../protocol/index.ts'

/**
 * Sends to any broker, and when that one says it is not the controller, once more to the one that is.
 * @param refused whether an answer says so
 */
export async function toController<Req, ReqIn, Res, ResIn>(
  cluster: ClusterClient,
  api: Api<Req, ReqIn, Res, ResIn>,
  request: ReqIn,
  timeoutMs: number,
  refused: (answer: Res) => boolean,
): Promise<Res> {
  const answer = await cluster.send(-1, api, request, { timeoutMs })
  if (!refused(answer)) return answer
  const { controllerId } = await cluster.send(-1, Metadata, { topics: [] }, { timeoutMs })
  return controllerId < 0 ? answer : cluster.send(controllerId, api, request, { timeoutMs })
}
