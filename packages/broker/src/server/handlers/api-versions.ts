// ApiVersions: what this broker knows (KIP-511).
import { ApiVersions, ByteWriter, ErrorCode, Produce } from '@millrace/kafka/protocol'
import type { Answer } from '../client-connection.ts'
import { endAnswer, type Route, route } from '../route.ts'

function supported(routes: ReadonlyMap<number, Route>) {
  return [...routes.values()]
    .sort((a, b) => a.key - b.key)
    .map((r) => ({
      apiKey: r.key,
      // librdkafka before 2.9 takes a broker without Produce v0 for one that cannot compress; Kafka 4 says 0 for that reason too.
      minVersion: r.key === Produce.key ? 0 : r.minVersion,
      maxVersion: r.maxVersion,
    }))
}

export function apiVersionsRoute(routes: ReadonlyMap<number, Route>): Route {
  return route(ApiVersions, () => ({
    errorCode: ErrorCode.NONE,
    apiKeys: supported(routes),
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeatures: [],
  }))
}

/** The answer to ApiVersions in a version that is not known: version 0, with the error and the list. */
export function answerUnsupportedApiVersions(correlationId: number, routes: ReadonlyMap<number, Route>): Answer {
  const out = new ByteWriter()
  out.int32(0)
  out.int32(correlationId)
  ApiVersions.response(0).write(out, {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: supported(routes),
    throttleTimeMs: 0,
  })
  return endAnswer(out)
}
