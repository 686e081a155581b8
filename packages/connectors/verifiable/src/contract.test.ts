// The shared suites, run on the verifiable connectors.
import { readFile } from 'node:fs/promises'
import { sinkContract, sourceContract } from '@millrace/testkit'
import { VerifiableSinkConnector } from './sink/connector.ts'
import { VerifiableSourceConnector } from './source/connector.ts'

sourceContract('VerifiableSource', {
  connector: VerifiableSourceConnector,
  props: (folder) => ({ name: 'v', topic: 't', throughput: '10000', 'batch.size': '9', file: folder.file('sent') }),
})
sinkContract('VerifiableSink', {
  connector: VerifiableSinkConnector,
  props: (folder) => ({ name: 'v', file: folder.file('received') }),
  arrived: async (folder) => {
    const lines = (await readFile(folder.file('received'), 'utf8')).split('\n').slice(0, -1)
    return new Set(lines.map((line) => JSON.parse(line).seqno)).size
  },
})
