// The shared suites, run on the file connectors.
import { appendFile, readFile } from 'node:fs/promises'
import { type SinkSubject, type SourceSubject, sinkContract, sourceContract } from '@millrace/testkit'
import { FileStreamSinkConnector } from './sink/connector.ts'
import { FileStreamSourceConnector } from './source/connector.ts'

const source: SourceSubject = {
  connector: FileStreamSourceConnector,
  props: (folder) => ({ file: folder.file('lines.txt'), topic: 'lines' }),
  feed: (folder, from, count) =>
    appendFile(folder.file('lines.txt'), Array.from({ length: count }, (_, i) => `line ${from + i} ü\n`).join('')),
}
const sink: SinkSubject = {
  connector: FileStreamSinkConnector,
  props: (folder) => ({ file: folder.file('out.txt') }),
  arrived: async (folder) => new Set((await readFile(folder.file('out.txt'), 'utf8')).split('\n').slice(0, -1)).size,
}

sourceContract('FileStreamSource', source)
sinkContract('FileStreamSink', sink)
