// Prints questions to the reference's own classes about random .proto texts: node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'
import { MADE_BY_HAND } from './by-hand.ts'
import { changed, randomFile, textOf } from './files.ts'

const SEED = 20_261_123
const PARSED = 450
const PAIRS = 550

const random = new Random(SEED)
const ask = (question: object) => process.stdout.write(`${JSON.stringify(question)}\n`)

for (const question of MADE_BY_HAND) ask(question)
for (let at = 0; at < PARSED; at++) {
  const file = randomFile(random)
  ask({ kind: 'parse', schema: textOf(file, random), references: file.references })
}
for (let at = 0; at < PAIRS; at++) {
  const writer = randomFile(random)
  const reader = changed(writer, random)
  const { references } = writer
  ask({ kind: 'pair', writer: textOf(writer, random), reader: textOf(reader, random), references })
}
