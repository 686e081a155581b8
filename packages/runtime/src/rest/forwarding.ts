// Requests that another worker must answer go there: to the leader, or to the owner of a connector or task; two hops at most.
import { setTimeout as sleep } from 'node:timers/promises'
import { RebalanceNeededException, RequestTargetException, RestException } from '../control/errors.ts'
import type { RestClient } from './rest-client.ts'
import type { Route, RouteAnswer, RouteRequest } from './router.ts'

/** Headers that go along: who asks, and the signature of a request between workers. */
const KEPT_HEADERS = ['authorization', 'x-connect-authorization', 'x-connect-request-signature-algorithm']

const LOOK_AGAIN_MS = 200

/**
 * The same routes; where a handler says who must answer, that worker is asked. One that refuses connections was killed, and
 * the group does not know yet: nothing was delivered, so the handler is asked again who must answer.
 * @param waitMs for how long that is tried
 */
export function forwarding(routes: readonly Route[], client: RestClient, waitMs: number): Route[] {
  return routes.map((route) => ({
    ...route,
    handler: async (request) => {
      const until = performance.now() + waitMs
      for (;;) {
        try {
          return await route.handler(request)
        } catch (error) {
          if (error instanceof RebalanceNeededException) throw conflict(error)
          if (!(error instanceof RequestTargetException)) throw error
          try {
            return await forward(request, error, client)
          } catch (failure) {
            if (!isRefused(failure) || performance.now() >= until) throw failure
          }
        }
        await sleep(LOOK_AGAIN_MS)
      }
    },
  }))
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof RestException ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}

/**
 * Only the first worker may have the request forwarded once more: that makes two hops, after which the group has changed
 * and nobody can say who is to answer.
 */
async function forward(
  request: RouteRequest,
  target: RequestTargetException,
  client: RestClient,
): Promise<RouteAnswer> {
  const flag = request.query.get('forward')
  if (flag !== null && flag.toLowerCase() !== 'true') {
    throw new RestException(409, 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)', {
      cause: target,
    })
  }
  if (target.forwardUrl === null) {
    throw new RestException(
      409,
      'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
      { cause: target },
    )
  }
  const query = new URLSearchParams(request.query)
  query.set('forward', String(flag === null))
  const reply = await client.send({
    url: `${target.forwardUrl.replace(/\/$/, '')}${request.path}?${query}`,
    method: request.method,
    headers: Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const value = request.headers[name]
        return typeof value === 'string' ? [[name, value]] : []
      }),
    ),
    ...(request.body !== '' && { body: request.body }),
  })
  const headers: Record<string, string> = {}
  // The client goes on with the worker that it knows.
  if (reply.location !== undefined) headers.location = request.origin + new URL(reply.location, request.origin).pathname
  if (reply.text === '') return { status: reply.status, headers }
  return { status: reply.status, text: reply.text, headers: { ...headers, 'content-type': 'application/json' } }
}

function conflict(cause: RebalanceNeededException): RestException {
  return new RestException(
    409,
    'Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)',
    { cause },
  )
}
