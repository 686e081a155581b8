// Binds an API of the protocol to the function that answers it.
import {
  type Api,
  type ByteReader,
  ByteWriter,
  hasFlexibleResponseHeader,
  type ReceivedRequest,
  type RequestHeader,
  type ResponseToWrite,
} from '@millrace/kafka/protocol'
import type { Answer, ClientConnection } from './client-connection.ts'
import type { Services } from './services.ts'

/** A request's surroundings. */
export interface RequestContext {
  readonly header: RequestHeader
  readonly version: number
  readonly connection: ClientConnection
  readonly services: Services
}

/** One API this broker answers. */
export interface Route {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly flexibleFrom: number
  answer(body: ByteReader, context: RequestContext): Answer | Promise<Answer>
}

/** Starts an answer: a writer that holds room for the frame's length and the response header. */
export function beginAnswer(route: { key: number; flexibleFrom: number }, context: RequestContext): ByteWriter {
  const out = new ByteWriter(256)
  out.int32(0)
  out.int32(context.header.correlationId)
  if (hasFlexibleResponseHeader(route, context.version)) out.uvarint(0)
  return out
}

/** Ends an answer that is one piece. */
export function endAnswer(out: ByteWriter): Answer {
  out.patchInt32(0, out.length - 4)
  return [out.bytes()]
}

/** A route whose answer is a message of `api`; null answers nothing. */
export function route<A extends Api>(
  api: A,
  handle: (
    request: ReceivedRequest<A>,
    context: RequestContext,
  ) => ResponseToWrite<A> | null | Promise<ResponseToWrite<A> | null>,
): Route {
  const write = (message: ResponseToWrite<A> | null, context: RequestContext): Answer => {
    if (message === null) return null
    const out = beginAnswer(api, context)
    api.response(context.version).write(out, message)
    return endAnswer(out)
  }
  return {
    key: api.key,
    name: api.name,
    minVersion: api.minVersion,
    maxVersion: api.maxVersion,
    flexibleFrom: api.flexibleFrom,
    answer: (body, context) => {
      const request = api.request(context.version).read(body) as ReceivedRequest<A>
      const message = handle(request, context)
      return message instanceof Promise ? message.then((m) => write(m, context)) : write(message, context)
    },
  }
}

/** The same route without the versions after `maxVersion`. */
export function upTo(maxVersion: number, limited: Route): Route {
  return { ...limited, maxVersion }
}

/** A route that writes its answer itself, where copying it into a message would cost. */
export function rawRoute<A extends Api>(
  api: A,
  handle: (request: ReceivedRequest<A>, context: RequestContext, body: ByteReader) => Answer | Promise<Answer>,
): Route {
  return {
    key: api.key,
    name: api.name,
    minVersion: api.minVersion,
    maxVersion: api.maxVersion,
    flexibleFrom: api.flexibleFrom,
    answer: (body, context) => handle(api.request(context.version).read(body) as ReceivedRequest<A>, context, body),
  }
}
