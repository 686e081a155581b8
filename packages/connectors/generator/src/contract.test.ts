// The shared suite, run on both faces of the generator.
import { sourceContract } from '@millrace/testkit'
import { GeneratorSourceConnector } from './connector.ts'
import { DatagenConnector } from './datagen/connector.ts'

sourceContract('GeneratorSource', {
  connector: GeneratorSourceConnector,
  props: () => ({ topic: 'orders', rate: '5000', 'batch.size': '7' }),
})
sourceContract('DatagenConnector', {
  connector: DatagenConnector,
  props: () => ({ 'kafka.topic': 'users', quickstart: 'USERS', 'max.interval': '0' }),
  identity: (record) => JSON.stringify([record.key, record.value, record.sourceOffset?.['current.iteration']]),
})
