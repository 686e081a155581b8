// The note of what was replayed: whatever is replayed in whatever order of commands, nothing is forgotten and nothing is done twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeRuns, encodeRuns, isDone, NOTHING, type Progress, ProgressWalk } from './progress.ts'

/** The note as the next command reads it. */
function stored({ position, runs }: Progress): Progress {
  const found = decodeRuns(position, encodeRuns(position, runs))
  assert.ok(found !== null)
  return { position, runs: found }
}

test('a replay of everything moves the position to the end', () => {
  const walk = new ProgressWalk(NOTHING)
  for (const offset of [3, 4, 6]) walk.take(offset, true)
  assert.deepEqual(walk.progress, { position: 7, runs: [] })
  walk.end(9)
  assert.equal(walk.progress.position, 9)
})

test('what lies between letters splits no run, and letters that stay hold the position', () => {
  const walk = new ProgressWalk(NOTHING)
  walk.take(0, true)
  walk.take(1, false)
  for (const offset of [2, 4, 7]) walk.take(offset, true)
  walk.take(8, false)
  walk.end(20)
  assert.deepEqual(walk.progress, { position: 1, runs: [[2, 7]] })
})

test('what was done above the place where a command stopped stays done', () => {
  const walk = new ProgressWalk({
    position: 2,
    runs: [
      [4, 6],
      [9, 12],
    ],
  })
  walk.take(2, true)
  walk.take(3, false)
  walk.take(4, true)
  walk.take(5, true)
  assert.deepEqual(walk.progress, {
    position: 3,
    runs: [
      [4, 5],
      [6, 6],
      [9, 12],
    ],
  })
})

test('letters below the position are taken for nothing new', () => {
  const walk = new ProgressWalk({ position: 5, runs: [] })
  for (const offset of [1, 2, 5]) walk.take(offset, offset === 5)
  assert.deepEqual(walk.progress, { position: 6, runs: [] })
})

test('notes survive being written down, and those of others are told apart', () => {
  const runs = [
    [3, 3],
    [130, 20_000],
    [5_000_000_000, 5_000_000_001],
  ] as const
  assert.deepEqual(decodeRuns(1, encodeRuns(1, runs)), runs)
  assert.equal(decodeRuns(1, 'a consumer of somebody'), null)
  assert.deepEqual(decodeRuns(1, ''), [])
})

test('a thousand scattered letters fit into the metadata of an offset', () => {
  const runs = Array.from({ length: 1_000 }, (_, at) => [at * 7 + 3, at * 7 + 3 + (at % 3)] as const)
  assert.ok(encodeRuns(0, runs).length < 1_000)
})

test('property: commands with any choice of letters, cut off anywhere, do each letter once', () => {
  let state = 20261123
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 300; round++) {
    // Offsets with gaps, as marks of transactions leave them.
    const letters = Array.from({ length: 40 }, (_, at) => at).filter(() => random(5) > 0)
    const done = new Map<number, number>()
    let note: Progress = NOTHING
    for (let command = 0; command < 6; command++) {
      const before = note
      const walk = new ProgressWalk(before)
      const stopAt = random(60)
      const modulus = 1 + random(4)
      let whole = true
      for (const offset of letters.filter((one) => one >= before.position)) {
        if (offset >= stopAt) {
          whole = false
          break
        }
        const was = isDone(before, offset)
        const now = !was && offset % modulus === 0
        if (now) done.set(offset, (done.get(offset) ?? 0) + 1)
        walk.take(offset, was || now)
      }
      if (whole) walk.end(41)
      note = stored(walk.progress)
      for (const offset of letters) assert.equal(isDone(note, offset), done.has(offset), `round ${round}, ${offset}`)
    }
    assert.ok([...done.values()].every((times) => times === 1))
  }
})
