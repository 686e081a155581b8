// An API of the protocol: its number, versions and both messages, and the headers around them (KIP-482).
import type { ByteReader } from './reader.ts'
import type { Codec, Type } from './types.ts'
import { ByteWriter } from './writer.ts'

/** One API: how its requests and responses are written and read, by client and broker. */
export interface Api<Req = unknown, ReqIn = unknown, Res = unknown, ResIn = unknown> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** First version with compact types and tagged fields, or Infinity. */
  readonly flexibleFrom: number
  request(version: number): Codec<Req, ReqIn>
  response(version: number): Codec<Res, ResIn>
}

interface Definition<Req, ReqIn, Res, ResIn> {
  readonly key: number
  readonly name: string
  readonly versions: readonly [from: number, to: number]
  readonly flexibleFrom: number | null
  readonly request: Type<Req, ReqIn>
  readonly response: Type<Res, ResIn>
}

/** Makes an API of its definition; each version is compiled when it is first used. */
export function defineApi<Req, ReqIn, Res, ResIn>(
  definition: Definition<Req, ReqIn, Res, ResIn>,
): Api<Req, ReqIn, Res, ResIn> {
  const [minVersion, maxVersion] = definition.versions
  const flexibleFrom = definition.flexibleFrom ?? Number.POSITIVE_INFINITY
  const compiled = <Out, In>(type: Type<Out, In>) => {
    const versions: Codec<Out, In>[] = []
    return (version: number) => (versions[version] ??= type.compile(version, version >= flexibleFrom))
  }
  return Object.freeze({
    key: definition.key,
    name: definition.name,
    minVersion,
    maxVersion,
    flexibleFrom,
    request: compiled(definition.request),
    response: compiled(definition.response),
  })
}

/** What a request of an API is written from. */
export type RequestOf<A> = A extends Api<infer _1, infer In, infer _2, infer _3> ? In : never
/** What a response of an API gives when read. */
export type ResponseOf<A> = A extends Api<infer _1, infer _2, infer Out, infer _3> ? Out : never
/** What a request gives when read: the broker's side. */
export type ReceivedRequest<A> = A extends Api<infer Out, infer _1, infer _2, infer _3> ? Out : never
/** What a response is written from: the broker's side. */
export type ResponseToWrite<A> = A extends Api<infer _1, infer _2, infer _3, infer In> ? In : never

/** Header of a request. */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

const API_VERSIONS_KEY = 18

/** Writes a header (version 1, or 2 in flexible versions). The client id is a classic string in both. */
export function writeRequestHeader(out: ByteWriter, header: RequestHeader, flexible: boolean): void {
  out.int16(header.apiKey)
  out.int16(header.apiVersion)
  out.int32(header.correlationId)
  out.text(header.clientId, false)
  if (flexible) out.uvarint(0)
}

/**
 * Reads a header. `flexibleFrom` tells for the API key just read from which version on the header has tagged fields;
 * undefined for an API that is not known, whose body cannot be read anyway.
 */
export function readRequestHeader(
  from: ByteReader,
  flexibleFrom: (apiKey: number) => number | undefined,
): RequestHeader {
  const apiKey = from.int16()
  const apiVersion = from.int16()
  const correlationId = from.int32()
  const clientId = from.text(from.int16())
  if (apiVersion >= (flexibleFrom(apiKey) ?? Number.POSITIVE_INFINITY)) skipTags(from)
  return { apiKey, apiVersion, correlationId, clientId }
}

/** Whether the response header has tagged fields: in flexible versions, but never for ApiVersions (KIP-511). */
export function hasFlexibleResponseHeader(
  api: { readonly key: number; readonly flexibleFrom: number },
  version: number,
): boolean {
  return api.key !== API_VERSIONS_KEY && version >= api.flexibleFrom
}

/** Skips a section of tagged fields. */
export function skipTags(from: ByteReader): void {
  for (let count = from.count(from.uvarint()); count > 0; count--) {
    from.uvarint()
    from.skip(from.uvarint())
  }
}

/** A whole request frame, length first. */
export function encodeRequest<Req, ReqIn, Res, ResIn>(
  api: Api<Req, ReqIn, Res, ResIn>,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: ReqIn,
): Buffer {
  const out = new ByteWriter()
  out.int32(0)
  writeRequestHeader(out, { apiKey: api.key, apiVersion: version, ...header }, version >= api.flexibleFrom)
  api.request(version).write(out, body)
  out.patchInt32(0, out.length - 4)
  return out.bytes()
}

/** A whole response frame, length first. */
export function encodeResponse<Req, ReqIn, Res, ResIn>(
  api: Api<Req, ReqIn, Res, ResIn>,
  version: number,
  correlationId: number,
  body: ResIn,
): Buffer {
  const out = new ByteWriter()
  out.int32(0)
  out.int32(correlationId)
  if (hasFlexibleResponseHeader(api, version)) out.uvarint(0)
  api.response(version).write(out, body)
  out.patchInt32(0, out.length - 4)
  return out.bytes()
}

/** The body of a response, from a reader that stands behind the correlation id. */
export function decodeResponse<Req, ReqIn, Res, ResIn>(
  api: Api<Req, ReqIn, Res, ResIn>,
  version: number,
  from: ByteReader,
): Res {
  if (hasFlexibleResponseHeader(api, version)) skipTags(from)
  return api.response(version).read(from)
}
