// From the text of a .proto file to what it says. Names of types are taken as written: the linker finds what they name.
// Source: https://protobuf.com/docs/language-spec (proto2, proto3, editions)
import type { ProtoExtend, ProtoFile, ProtoImport, ProtoMethod, ProtoOption, ProtoService, ProtoType } from './model.ts'
import { readOption } from './options.ts'
import { readEnum, readExtend, readMessage, type Syntax } from './parse-types.ts'
import { ProtoReader } from './reader.ts'

const EDITIONS = ['2023', '2024']

/**
 * Parses a .proto text.
 * @throws {SchemaParseException} with line and column, when it is none
 */
export function parseProtoText(text: string): ProtoFile {
  return new FileParser(new ProtoReader(text)).file()
}

class FileParser {
  readonly #reader: ProtoReader
  readonly #imports: ProtoImport[] = []
  readonly #options: ProtoOption[] = []
  readonly #types: ProtoType[] = []
  /** Of {@link #types}. */
  readonly #names = new Set<string>()
  readonly #extensions: ProtoExtend[] = []
  readonly #services: ProtoService[] = []
  #syntax: Syntax = 'proto2'
  #packageName = ''

  constructor(reader: ProtoReader) {
    this.#reader = reader
  }

  file(): ProtoFile {
    const reader = this.#reader
    const edition = this.#edition()
    const syntaxDeclared = edition === null && this.#declaredSyntax()
    while (!reader.atEnd) this.#declaration()
    return {
      syntax: this.#syntax,
      syntaxDeclared,
      edition,
      packageName: this.#packageName,
      imports: this.#imports,
      options: this.#options,
      types: this.#types,
      extensions: this.#extensions,
      services: this.#services,
    }
  }

  #edition(): string | null {
    const reader = this.#reader
    if (!reader.takeWord('edition')) return null
    reader.require('=')
    const start = reader.position
    const edition = reader.string()
    if (!EDITIONS.includes(edition)) throw reader.wrong(`the edition is none of ${EDITIONS.join(', ')}`, start)
    reader.require(';')
    this.#syntax = 'editions'
    return edition
  }
  #declaredSyntax(): boolean {
    const reader = this.#reader
    if (!reader.takeWord('syntax')) return false
    reader.require('=')
    const start = reader.position
    const syntax = reader.string()
    if (syntax !== 'proto2' && syntax !== 'proto3') throw reader.wrong('the syntax is neither proto2 nor proto3', start)
    reader.require(';')
    this.#syntax = syntax
    return true
  }

  #declaration(): void {
    const reader = this.#reader
    if (reader.take(';')) return
    const start = reader.position
    const word = reader.peekWord()
    switch (word) {
      case 'package':
        if (this.#packageName !== '') throw reader.wrong('the package is named twice', start)
        reader.takeWord(word)
        this.#packageName = reader.fullName(false)
        reader.require(';')
        return
      case 'import':
        this.#import()
        return
      case 'option':
        reader.takeWord(word)
        this.#options.push(readOption(reader))
        reader.require(';')
        return
      case 'message':
        this.#type(readMessage(reader, this.#syntax), start)
        return
      case 'enum':
        this.#type(readEnum(reader), start)
        return
      case 'extend':
        this.#extensions.push(readExtend(reader, this.#syntax, this.#types))
        return
      case 'service':
        this.#services.push(readService(reader))
        return
      case 'syntax':
      case 'edition':
        throw reader.wrong(`'${word}' may stand only once, before all else`, start)
      default:
        throw reader.wrong(`a declaration is expected, not ${word === '' ? `'${reader.next}'` : `'${word}'`}`, start)
    }
  }
  #import(): void {
    const reader = this.#reader
    reader.takeWord('import')
    const kind = reader.takeWord('public') ? 'public' : reader.takeWord('weak') ? 'weak' : 'plain'
    const path = reader.plainString().replace(/\/+/g, '/')
    this.#imports.push({ path: path.replace(/(.)\/$/, '$1'), kind })
    reader.require(';')
  }
  #type(type: ProtoType, start: number): void {
    if (this.#names.has(type.name)) throw this.#reader.wrong(`${type.name} is declared twice`, start)
    this.#names.add(type.name)
    this.#types.push(type)
  }
}

function readService(reader: ProtoReader): ProtoService {
  reader.takeWord('service')
  const name = reader.identifier()
  const methods: ProtoMethod[] = []
  const options: ProtoOption[] = []
  reader.require('{')
  while (!reader.take('}')) {
    if (reader.take(';')) continue
    if (reader.takeWord('option')) {
      options.push(readOption(reader))
      reader.require(';')
    } else if (reader.takeWord('rpc')) methods.push(readMethod(reader))
    else throw reader.wrong("'rpc', 'option' or '}' is expected")
  }
  return { name, methods, options }
}

function readMethod(reader: ProtoReader): ProtoMethod {
  const name = reader.identifier()
  const request = readMethodType(reader)
  if (!reader.takeWord('returns')) throw reader.wrong("'returns' is expected")
  const response = readMethodType(reader)
  const options: ProtoOption[] = []
  if (reader.take('{')) {
    while (!reader.take('}')) {
      if (reader.take(';')) continue
      if (!reader.takeWord('option')) throw reader.wrong("'option' or '}' is expected")
      options.push(readOption(reader))
      reader.require(';')
    }
  } else reader.require(';')
  const { type: requestType, streams: requestStreams } = request
  return {
    name,
    request: requestType,
    response: response.type,
    requestStreams,
    responseStreams: response.streams,
    options,
  }
}

function readMethodType(reader: ProtoReader): { readonly type: string; readonly streams: boolean } {
  reader.require('(')
  const streams = reader.takeWord('stream') && reader.next !== ')'
  // A type may have the name `stream` itself.
  const type = !streams && reader.next === ')' ? 'stream' : reader.fullName()
  reader.require(')')
  return { type, streams }
}
