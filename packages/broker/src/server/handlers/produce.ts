// Produce: checks each batch and appends it; one write a partition.
import { ErrorCode, Produce, type ReceivedRequest } from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import { checkClientBatch } from '../../storage/append-check.ts'
import * as batch from '../../storage/batch-header.ts'
import type { PartitionLog } from '../../storage/partition-log.ts'
import { isInternal } from '../../topics/topic-name.ts'
import { beginAnswer, endAnswer, type RequestContext, type Route, rawRoute } from '../route.ts'

type ProduceRequest = ReceivedRequest<typeof Produce>

const refused = (index: number, errorCode: number, errorMessage: string | null = null) => ({
  index,
  errorCode,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  recordErrors: [],
  errorMessage,
})

function append(log: PartitionLog, index: number, records: Buffer, context: RequestContext) {
  const { services } = context
  const checked = checkClientBatch(records, log.config, services.now())
  if (batch.isTransactional(batch.attributes(checked, 0))) {
    const producerId = batch.producerId(checked, 0)
    // An open transaction in the log was verified when its first batch came.
    if ((log.producers.get(producerId)?.transactionStart ?? -1) < 0) {
      const producerEpoch = batch.producerEpoch(checked, 0)
      services.transactions.verify({ producerId, producerEpoch }, log.topic, log.partition)
    }
  }
  const { baseOffset, appendTime } = log.append(checked)
  return {
    index,
    errorCode: ErrorCode.NONE,
    baseOffset,
    logAppendTimeMs: appendTime,
    logStartOffset: log.startOffset,
    recordErrors: [],
    errorMessage: null,
  }
}

function appendOrRefuse(topic: string, index: number, records: Buffer | null, context: RequestContext) {
  const log = context.services.topics.log(topic, index)
  if (log === undefined) return refused(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (isInternal(topic)) {
    return refused(index, ErrorCode.INVALID_TOPIC_EXCEPTION, 'The topic is internal; clients cannot write to it.')
  }
  if (records === null) return refused(index, ErrorCode.INVALID_RECORD, 'The request has no records.')
  try {
    return append(log, index, records, context)
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    return refused(index, error.code, error.message)
  }
}

function produce(request: ProduceRequest, context: RequestContext) {
  const { acks } = request
  const validAcks = acks === -1 || acks === 0 || acks === 1
  const responses = request.topicData.map(({ name, partitionData }) => ({
    name,
    partitionResponses: partitionData.map(({ index, records }) =>
      validAcks
        ? appendOrRefuse(name, index, records, context)
        : refused(index, ErrorCode.INVALID_REQUIRED_ACKS, `acks is ${acks}; allowed are -1, 0 and 1`),
    ),
  }))
  if (acks !== 0) return { responses, throttleTimeMs: 0 }
  // Without acknowledgements the only way to tell of an error is to end the connection, as Kafka does.
  for (const { name, partitionResponses } of responses) {
    const failed = partitionResponses.find((p) => p.errorCode !== ErrorCode.NONE)
    if (failed !== undefined) {
      throw new Error(
        `a record batch for ${name}-${failed.index} sent with acks=0 was refused (error ${failed.errorCode}): ${failed.errorMessage ?? 'no such partition'}`,
      )
    }
  }
  return null
}

export const produceRoutes: readonly Route[] = [
  rawRoute(Produce, (request, context, body) => {
    const message = produce(request, context)
    // All bytes of the request are on disk or refused: its buffer may take the next one.
    context.connection.recycle(body.buffer)
    if (message === null) return null
    const out = beginAnswer(Produce, context)
    Produce.response(context.version).write(out, message)
    return endAnswer(out)
  }),
]
