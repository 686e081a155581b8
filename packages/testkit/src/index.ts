// What connector authors test with: contexts in memory, contract suites, launchers of real services. Importing it starts nothing.
export { MemorySink, MemorySource } from './byte-windows.ts'
export {
  type ContextOptions,
  type LoggedLine,
  MemoryOffsets,
  memoryLogger,
  type SinkRequests,
  sinkTaskContext,
  sourceConnectorContext,
  sourceTaskContext,
} from './contexts.ts'
export { type ConverterSample, type ConverterSubject, converterContract } from './contract/converter.ts'
export { type ConverterPropertySubject, converterProperties } from './contract/converter-properties.ts'
export { type SinkSubject, sinkContract } from './contract/sink.ts'
export { type SourceSubject, sourceContract } from './contract/source.ts'
export {
  type TransformationCase,
  type TransformationSubject,
  transformationContract,
} from './contract/transformation.ts'
export { type TemporaryFolder, temporaryFolder } from './folder.ts'
export type { Call, CallEvent } from './plugins/faults.ts'
export { Random, type RandomSchemaOptions, randomPlain, randomSchema, randomStruct, randomValue } from './random.ts'
export type { BrokerOptions, BrokerService } from './services/broker-service.ts'
export {
  type ConnectJvm,
  type ConnectJvmOptions,
  distributedProps,
  startConnectJvm,
  startConnectJvmGroup,
  whyNoConnectJvm,
} from './services/connect-jvm.ts'
export type { DatabaseServer } from './services/databases/database-server.ts'
export { type Mysql, type MysqlOptions, startMysql } from './services/databases/mysql.ts'
export { MYSQL_JARS, type MysqlFlavor, whyNoMysql } from './services/databases/mysql-binaries.ts'
export { type Postgres, type PostgresOptions, startPostgres } from './services/databases/postgres.ts'
export { findPostgres, type PostgresVersion, whyNoPostgres } from './services/databases/postgres-binaries.ts'
export { STANDBY, type StandbyOptions, startPostgresStandby } from './services/databases/postgres-standby.ts'
export { type EmbeddedOptions, startEmbeddedBroker } from './services/embedded.ts'
export { examineTopic, type FoundRecord, readTopic } from './services/examine.ts'
export { type Direction, FaultProxy, type ProxyTarget } from './services/fault-proxy.ts'
export {
  findKafkaLib,
  type KafkaListener,
  type KafkaOptions,
  runKafkaTool,
  startKafka,
  whyNoKafka,
} from './services/kafka.ts'
export {
  type BrokerBackend,
  brokers,
  type MatrixOptions,
  onEveryBroker,
  type ProxiedBroker,
  startBehindProxy,
} from './services/matrix.ts'
export { freePorts } from './services/ports.ts'
export { type ProcessOptions, ServiceProcess } from './services/process.ts'
export { QUICK_GROUPS } from './services/quick-groups.ts'
export {
  APICURIO_VERSION,
  type ApicurioRegistry,
  apicurioFolder,
  findPythonClient,
  PYTHON_CLIENT_VERSION,
  pythonClientFolder,
  startApicurio,
  whyNoApicurio,
  whyNoPythonClient,
} from './services/registries.ts'
export { until, within } from './until.ts'
