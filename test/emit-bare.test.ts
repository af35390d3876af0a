import { compile, emit } from 'gradloom'
import { expect, test } from 'vitest'
import { BARE, NOTHING, runBare } from './bare'
import { mlp } from './mlp'

// The training step of the bench: 784-512-256-10, batch 128. The loss is the one computed in float64 from the data.
const STEPS = 21
const LOSS_AFTER_20 = 1.195581

const WAYS = (['js', 'wasm'] as const).flatMap((target) =>
  (['inline', 'none'] as const).map((weights) => [target, weights] as const),
)

test.each(WAYS)('W2 in one %s file trains in a bare process as in memory, weights %s', (target, weights) => {
  const { train, feeds } = mlp('W2')
  const program = compile(train, { target, threads: 1 })
  const { names } = program.state
  const settings = weights === 'none' ? names.map((name) => [name, program.state.get(name)] as const) : []
  const arrays = [feeds.x, feeds.y, ...settings.map(([, v]) => v as unknown).filter((v) => v instanceof Float32Array)]
  const files = {
    'net.mjs': emit(program, { format: target, weights }),
    'arrays.bin': Buffer.concat(arrays.map((values) => Buffer.from(values.slice().buffer))),
    'main.mjs': `
      import { readFileSync } from 'node:fs'
      ${BARE}
      const { buffer } = new Uint8Array(readFileSync('arrays.bin'))
      let at = 0
      const next = (size) => new Float32Array(buffer, (at += 4 * size) - 4 * size, size)
      const [x, y] = [${feeds.x.length}, ${feeds.y.length}].map(next)
      const { main, state, ...others } = await import('./net.mjs')
      for (const [name, value, size] of ${JSON.stringify(settings.map(([name, v]) => (typeof v === 'number' ? [name, v] : [name, null, v.length])))})
        state.set(name, value ?? next(size))
      const losses = Array.from({ length: ${STEPS} }, () => main({ x, y }).loss)
      const total = (value) => typeof value === 'number' ? value : value.reduce((sum, v) => sum + v, 0)
      const totals = state.names.map((name) => [name, total(state.get(name))])
      console.log(JSON.stringify({ bare, others: Object.keys(others), losses, totals }))`,
  }
  const losses = Array.from({ length: STEPS }, () => program(feeds).loss)
  const total = (value: unknown): number =>
    typeof value === 'number' ? value : (value as Float32Array).reduce((sum, v) => sum + v, 0)
  const totals = names.map((name) => [name, total(program.state.get(name))])
  expect(runBare(files)).toEqual({ bare: NOTHING, others: [], losses, totals })
  losses.forEach((loss, step) => step > 0 && expect(loss, `step ${step}`).toBeLessThan(losses[step - 1]!))
  expect(losses.at(-1)! / LOSS_AFTER_20).toBeCloseTo(1, 4)
})
